// Tests of the feed: what is told of which call, for how long, and that it never is more than the host takes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import type { TranscriptEntry, TurnTimes } from '../call/call.ts';
import { Feed, type LiveTold, type StepTold, type Told, WATCH_MS } from './feed.ts';
import { tappedModel, tappedTranscriber } from './taps.ts';

function open() {
  const clock = new HandClock();
  const told: Told[] = [];
  const metered: string[] = [];
  const feed = new Feed({ clock, tell: (one) => told.push(one) });
  feed.follow({ meter: (callId, forMs) => void metered.push(`${callId} ${forMs}`) });
  const live = (): readonly LiveTold[] => told.flatMap((one) => (one.name === 'live' ? [one.payload] : []));
  const steps = (): readonly StepTold[] => told.flatMap((one) => (one.name === 'call' ? [one.payload] : []));
  return { clock, feed, metered, live, steps };
}

const answered = { kind: 'answered', at: 1 } as const;

describe('What those who look on are told', () => {
  it('is every step of every call, whoever watches', () => {
    const { feed, steps } = open();
    feed.stepped(someCall({ phase: 'ringing' }), { kind: 'rang', at: 5 });
    const [step] = steps();
    assert.deepEqual(
      [step?.call.callId, step?.call.state, step?.event],
      ['call-1', 'ringing', { kind: 'rang', at: 5 }],
    );
    assert.deepEqual(step?.from, { transcript: 0, turns: 0 });
  });

  it('is sound, words and marks of a call that is watched, for 15 seconds', async () => {
    const { clock, feed, live, metered } = open();
    const all = (): void => {
      feed.words('call-1', 'user', 'hello wor');
      feed.words('call-1', 'user', ' ');
      feed.line({ kind: 'levels', callId: 'call-1', at: 7, caller: [1], agent: [2] });
      feed.line({ kind: 'audio', callId: 'call-1', at: 7, mulaw: new Uint8Array(160) });
      feed.line({ kind: 'held', callId: 'call-1', at: 8, isOver: false });
      feed.line({ kind: 'cut', callId: 'call-1', at: 9, utteranceId: 'u', heardMs: 40 });
      feed.line({ kind: 'voice', callId: 'call-1', at: 10, isSpeaking: true });
    };
    all();
    feed.watch('another');
    all();
    assert.deepEqual(live(), []);
    feed.watch('call-1');
    assert.deepEqual(metered, ['another 15000', 'call-1 15000']);
    all();
    const one = { callId: 'call-1' };
    assert.deepEqual(live(), [
      { kind: 'words', ...one, at: clock.now(), speaker: 'user', text: 'hello wor' },
      { kind: 'levels', ...one, at: 7, caller: [1], agent: [2] },
      { kind: 'mark', ...one, at: 8, mark: 'held' },
      { kind: 'mark', ...one, at: 9, mark: 'cut' },
      { kind: 'mark', ...one, at: 10, mark: 'speaks' },
    ]);
    await clock.advance(WATCH_MS);
    all();
    assert.equal(live().length, 5);
    assert.equal(clock.pending, 0);
  });

  it('has its levels measured on a line that opens after somebody began to look, for what is left', async () => {
    const { clock, feed, metered } = open();
    feed.stepped(someCall(), { kind: 'streamOpened', at: 1, n: 1 });
    feed.watch('call-1');
    await clock.advance(5_000);
    feed.stepped(someCall(), answered);
    feed.stepped(someCall(), { kind: 'streamOpened', at: 1, n: 1 });
    feed.stepped(someCall({ phase: 'ended' }), {
      kind: 'carrierEnded',
      at: 2,
      reason: 'completed',
      cause: '',
    });
    assert.deepEqual(metered, ['call-1 15000', 'call-1 10000', 'call-1 0']);
  });

  it('is of eight calls at most: the one asked for longest ago is let go', () => {
    const { feed, live, metered } = open();
    for (let call = 1; call <= 8; call++) feed.watch(`c${call}`);
    feed.watch('c1');
    feed.watch('c9');
    assert.equal(metered.at(-2), 'c2 0');
    for (const callId of ['c1', 'c2', 'c9']) feed.words(callId, 'bot', 'Hi');
    assert.deepEqual(
      live().map(({ callId }) => callId),
      ['c1', 'c9'],
    );
  });

  it('is never more than the host takes, however long the call and its sentences', () => {
    const { feed, steps, live } = open();
    const transcript = Array.from(
      { length: 1_000 },
      (_, n): TranscriptEntry => ({
        at: n,
        speaker: 'caller',
        text: '語'.repeat(100_000),
        turn: n,
      }),
    );
    const turns = Array.from(
      { length: 1_000 },
      (_, n): TurnTimes => ({
        turn: n,
        listenedFromAt: n,
        saidAt: n,
        repliedAt: n,
        stages: { speechEndAt: 1, transcriptAt: 2, firstTokenAt: 3, firstAudioAt: 4, heardAt: 5 },
      }),
    );
    const said = { kind: 'callerSaid', at: 1, turn: null, text: '🦞'.repeat(100_000) } as const;
    feed.stepped(someCall({ transcript, turns }), said);
    const [step] = steps();
    assert.ok(step);
    assert.ok(Buffer.byteLength(JSON.stringify(step)) < 262_144, String(JSON.stringify(step).length));
    assert.ok(nodesOf(step) < 4_096, String(nodesOf(step)));
    assert.deepEqual([step.from, step.call.metadata.turnCount], [{ transcript: 976, turns: 976 }, 1_000]);
    assert.equal(step.call.transcript.at(-1)?.timestamp, 999);
    assert.ok(step.event.kind === 'callerSaid' && step.event.text.isWellFormed());
    feed.watch('call-1');
    feed.words('call-1', 'user', 'x'.repeat(5_000));
    const [words] = live();
    assert.ok(words?.kind === 'words' && words.text.length === 2_000 && words.text.endsWith('…'));
  });
});

function nodesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return 1 + Object.values(value).reduce<number>((sum, inner) => sum + nodesOf(inner), 0);
}

describe('A tap', () => {
  const heard: string[] = [];
  const feed = {
    words: (callId: string, who: string, text: string) => void heard.push(`${callId} ${who}: ${text}`),
  };
  const call = { callId: 'c', agentId: 'main', language: 'en-US' };
  const session = { ready: Promise.resolve(), hear: () => undefined, close: () => undefined };

  it('tells what a transcriber seems to hear, and passes everything on', () => {
    heard.splice(0);
    const passed: string[] = [];
    const note = (name: string) => (text: string) => void passed.push(`${name} ${text}`);
    const tapped = tappedTranscriber(
      {
        provider: 'paper',
        open: (_call, listener) => {
          listener.onPartial('he');
          listener.onFinal('hello');
          listener.onBroken('why');
          return session;
        },
      },
      feed,
    );
    const listener = { onPartial: note('partial'), onFinal: note('final'), onBroken: note('broken') };
    assert.equal(tapped.open(call, listener), session);
    assert.deepEqual([tapped.provider, heard], ['paper', ['c user: he']]);
    assert.deepEqual(passed, ['partial he', 'final hello', 'broken why']);
  });

  it('tells what a voice model hears and says', () => {
    heard.splice(0);
    const passed: string[] = [];
    const note = (text: string, isFinal: boolean): void => void passed.push(`${text} ${isFinal}`);
    const model = { ...session, interruptsItself: true, instruct: () => undefined, tell: () => undefined };
    const tapped = tappedModel(
      {
        provider: 'paper',
        open: (_call, listener) => {
          listener.onHeard('he', false);
          listener.onHeard('hello', true);
          listener.onSaid('Good', false);
          return { ...model, toolResult: () => undefined, interrupted: () => undefined };
        },
      },
      feed,
    );
    const none = (): void => undefined;
    tapped.open(
      { ...call, sessionKey: 's', instructions: '', tools: [], heardMs: () => 0 },
      {
        onHeard: note,
        onSaid: note,
        onSound: none,
        onReplyOver: none,
        onInterrupted: none,
        onTool: none,
        onToolWithdrawn: none,
        onGone: none,
      },
    );
    assert.deepEqual(heard, ['c user: he', 'c bot: Good']);
    assert.deepEqual(passed, ['he false', 'hello true', 'Good false']);
  });
});
