// Live speech: what the line, the transcriber and the synthesizer do, as one call experiences it. The call is the
// real core; only the line and the providers are played.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CallOptions, newCall } from '../../sim/core-call.ts';
import { FakeLines, FakeSynthesizer, FakeTranscriber, type Speech } from '../../sim/fake-voices.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import { transition } from '../call/transition.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent } from '../media/lines.ts';
import { LiveSpeech } from './live-speech.ts';

const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A line event without what every event has. */
type Happening = LineEvent extends infer E ? (E extends LineEvent ? Omit<E, 'callId' | 'at'> : never) : never;

class Stage {
  readonly clock = new HandClock();
  readonly lines = new FakeLines();
  readonly transcriber = new FakeTranscriber();
  readonly synthesizer: FakeSynthesizer;
  readonly speech: LiveSpeech;
  /** What was posted to the call. */
  readonly posted: CallEvent[] = [];
  call: Call;

  constructor(options: CallOptions = {}, plan: (text: string) => Speech = () => ({})) {
    this.call = newCall({ kind: 'inbound', stream: true, language: 'en-US', ...options });
    this.synthesizer = new FakeSynthesizer(this.clock, plan);
    this.speech = new LiveSpeech({
      clock: this.clock,
      steady: this.clock,
      log,
      transcriber: this.transcriber,
      synthesizer: this.synthesizer,
      lines: this.lines,
      post: (_callId, event) => {
        this.posted.push(event);
        this.happens(event);
      },
    });
  }

  /** As the runtime: a step, then the speech follows. */
  happens(event: CallEvent): void {
    this.call = transition(this.call, event).call;
    this.speech.follow(this.call);
  }

  now(fact: { readonly kind: CallEvent['kind']; readonly [field: string]: unknown }): void {
    this.happens({ ...fact, at: this.clock.now() } as CallEvent);
  }

  async line(happening: Happening): Promise<void> {
    this.speech.heard({ ...happening, callId: this.call.id, at: this.clock.now() } as LineEvent);
    await settle();
  }

  kinds(): readonly string[] {
    return this.posted.splice(0).map(({ kind }) => kind);
  }

  /** A call that was picked up and is being greeted. */
  async greeted(): Promise<this> {
    this.speech.prepare(this.call);
    this.now({ kind: 'answered' });
    await this.line({ kind: 'opened', n: 1 });
    await this.line({ kind: 'began', utteranceId: 'u1' });
    await this.line({ kind: 'audible', utteranceId: 'u1' });
    this.lines.take();
    this.posted.splice(0);
    return this;
  }

  /** The same, and the greeting was heard. */
  async listening(): Promise<this> {
    await this.greeted();
    await this.line({ kind: 'played', utteranceId: 'u1' });
    this.posted.splice(0);
    return this;
  }

  /** The caller says it, and is understood a little later. */
  async says(text: string): Promise<void> {
    await this.line({ kind: 'voice', isSpeaking: true });
    await this.clock.advance(1_000);
    await this.line({ kind: 'voice', isSpeaking: false });
    await this.clock.advance(200);
    this.transcriber.latest.tell.onFinal(text);
    await this.clock.advance(200);
  }
}

describe('A call that rings', () => {
  it('is prepared: the line, the ear, the greeting', async () => {
    const stage = new Stage({ sensitivity: 'high' });
    stage.speech.prepare(stage.call);
    stage.speech.prepare(stage.call);
    await settle();
    assert.deepEqual(stage.lines.take(), ['open high', 'identify CA1']);
    assert.equal(stage.transcriber.sessions.length, 1);
    assert.deepEqual(stage.synthesizer.asked, ['Good morning.', 'One moment, please.']);
    stage.now({ kind: 'answered' });
    await settle();
    assert.deepEqual(stage.lines.take(), ['say u1', 'sound u1 13', 'finish u1']);
    assert.deepEqual(stage.synthesizer.asked, ['Good morning.', 'One moment, please.']);
    await stage.line({ kind: 'opened', n: 1 });
    assert.equal(stage.call.stream?.state, 'open');
  });

  it('is left alone when it will have no media stream', () => {
    for (const options of [{ stream: false }, { kind: 'notify' }] as const) {
      const stage = new Stage(options);
      stage.speech.prepare(stage.call);
      stage.speech.follow(stage.call);
      assert.deepEqual(stage.lines.take(), []);
      assert.equal(stage.transcriber.sessions.length, 0);
    }
  });

  it('is let go when nobody answers, and leaves nothing behind', async () => {
    const stage = new Stage({ kind: 'outbound', greeting: null });
    stage.speech.prepare(stage.call);
    stage.now({ kind: 'placed', carrierCallId: 'CA7', replaces: null });
    stage.now({ kind: 'carrierEnded', reason: 'no-answer', cause: 'nobody' });
    await settle();
    assert.deepEqual(stage.lines.take(), ['open medium', 'identify CA7', 'close']);
    assert.ok(stage.transcriber.latest.isClosed);
    assert.equal(stage.clock.pending, 0);
  });

  it('without a transcriber is told so when it is picked up', async () => {
    const stage = new Stage();
    stage.transcriber.connectsAtOnce = false;
    stage.speech.prepare(stage.call);
    for (let n = 0; n < 5; n++) {
      stage.transcriber.latest.refuse(new Error('401'));
      await stage.clock.advance(2_000);
    }
    assert.deepEqual(stage.kinds(), ['speechFailed']);
    stage.now({ kind: 'answered' });
    assert.equal(stage.call.phase, 'live');
    assert.equal(stage.call.stream, null);
    assert.equal(stage.lines.take().at(-1), 'close');
  });
});

describe('A conversation on a media stream', () => {
  it('goes from the words of the caller to the answer, and knows how long each stage took', async () => {
    const stage = await new Stage({}, () => ({ afterMs: 300 })).listening();
    const startAt = stage.clock.now();
    await stage.says('What time is it?');
    assert.deepEqual(stage.kinds(), ['callerSpeaks', 'callerSaid']);
    assert.equal(stage.call.floor.kind, 'thinking');
    const [turn] = stage.call.turns;
    assert.ok(turn);
    await stage.clock.advance(600);
    const firstSentenceAt = stage.clock.now();
    stage.speech.answering(stage.call.id, turn.turn, 'It is noon.', { firstTokenAt: 5, firstSentenceAt });
    stage.now({ kind: 'agentSaid', turn: turn.turn, text: 'It is noon.' });
    await stage.clock.advance(300);
    assert.deepEqual(stage.lines.take(), ['say u2', 'sound u2 11', 'finish u2']);
    await stage.clock.advance(20);
    await stage.line({ kind: 'began', utteranceId: 'u2' });
    assert.deepEqual(stage.kinds(), []);
    await stage.clock.advance(80);
    await stage.line({ kind: 'audible', utteranceId: 'u2' });
    assert.deepEqual(stage.kinds(), ['turnTimed']);
    const end = startAt + 1_000;
    assert.deepEqual(stage.call.turns[0]?.stages, {
      speechEndAt: end,
      transcriptAt: end + 200,
      firstTokenAt: 5,
      firstSentenceAt: end + 1_000,
      firstAudioAt: end + 1_300,
      firstFrameAt: end + 1_320,
      heardAt: end + 1_400,
    });
    stage.now({ kind: 'agentReplied', turn: turn.turn, text: '' });
    await stage.line({ kind: 'played', utteranceId: 'u2' });
    assert.equal(stage.call.floor.kind, 'listening');
  });

  it('stops when the caller interrupts, keeps what they heard, and takes their words', async () => {
    const stage = await new Stage({ greeting: 'Good morning to you. How are you?' }).greeted();
    await stage.line({ kind: 'voice', isSpeaking: true });
    stage.transcriber.latest.tell.onPartial('wait');
    assert.deepEqual(stage.lines.take(), ['understood wait']);
    await stage.line({ kind: 'cut', utteranceId: 'u1', heardMs: 550 });
    assert.deepEqual(stage.kinds(), ['callerSpeaks', 'utteranceCut']);
    const [entry] = stage.call.transcript;
    assert.equal(entry?.text, 'Good morning');
    await stage.line({ kind: 'voice', isSpeaking: false });
    stage.transcriber.latest.tell.onFinal('Okay.');
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.kinds(), ['callerSaid']);
    assert.deepEqual(stage.lines.take(), ['drop u1']);
  });

  it('takes whatever interrupted us for words that were meant', async () => {
    const stage = await new Stage().greeted();
    await stage.line({ kind: 'voice', isSpeaking: true });
    await stage.line({ kind: 'cut', utteranceId: 'u1', heardMs: 0 });
    await stage.line({ kind: 'voice', isSpeaking: false });
    stage.transcriber.latest.tell.onFinal('Hm.');
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.kinds(), ['callerSpeaks', 'utteranceCut', 'callerSaid']);
    await stage.line({ kind: 'cut', utteranceId: 'u1', heardMs: 0 });
    assert.deepEqual(stage.kinds(), [], 'what was cut is cut');
  });

  it('is not a conversation with a listener’s mhm', async () => {
    const stage = await new Stage().greeted();
    await stage.says('Mhm.');
    assert.deepEqual(stage.kinds(), ['callerSpeaks']);
    assert.deepEqual(stage.lines.take(), ['understood Mhm.']);
  });

  it('is told that the caller still speaks, as long as there are words', async () => {
    const stage = await new Stage().listening();
    await stage.line({ kind: 'voice', isSpeaking: true });
    await stage.clock.advance(9_500);
    assert.deepEqual(
      stage.kinds(),
      Array.from({ length: 4 }, () => 'callerSpeaks'),
    );
    await stage.clock.advance(60_000);
    assert.deepEqual(stage.kinds(), ['callerSpeaks']);
    await stage.line({ kind: 'voice', isSpeaking: true });
    await stage.line({ kind: 'voice', isSpeaking: false });
    await stage.clock.advance(5_000);
    assert.deepEqual(stage.kinds(), ['callerSpeaks'], 'and not after they stopped');
  });

  it('leaves nothing behind when it is over', async () => {
    const stage = await new Stage().listening();
    await stage.line({ kind: 'voice', isSpeaking: true });
    stage.transcriber.latest.tell.onFinal('One.');
    stage.transcriber.latest.tell.onFinal('Two.');
    stage.now({ kind: 'carrierEnded', reason: 'hangup-user', cause: 'they left' });
    assert.equal(stage.clock.pending, 0);
    assert.equal(stage.lines.take().at(-1), 'close');
  });

  it('knows keys, and sends the caller’s voice to the transcriber', async () => {
    const stage = await new Stage().listening();
    await stage.line({ kind: 'audio', mulaw: new Uint8Array(160).fill(5) });
    assert.deepEqual(stage.transcriber.latest.numbers, [5]);
    await stage.line({ kind: 'digit', digit: '7' });
    assert.deepEqual(stage.kinds(), ['digitsReceived']);
    assert.equal(stage.call.keys, '7');
  });

  it('drops what the call does not want any more', async () => {
    const stage = await new Stage().listening();
    await stage.says('What time is it?');
    const turn = stage.call.turn;
    stage.now({ kind: 'agentSaid', turn, text: 'It is noon.' });
    stage.now({ kind: 'agentSaid', turn, text: 'In Paris.' });
    await settle();
    await stage.line({ kind: 'began', utteranceId: 'u2' });
    stage.lines.take();
    stage.now({ kind: 'callerSaid', text: 'And in Rome?', turn: null });
    assert.deepEqual(stage.lines.take(), ['drop u2 u3']);
    stage.transcriber.latest.tell.onPartial('hello');
    assert.deepEqual(stage.lines.take(), [], 'our voice is off');
  });

  it('goes on after the connection broke', async () => {
    const stage = await new Stage().greeted();
    await stage.line({ kind: 'voice', isSpeaking: true });
    stage.kinds();
    await stage.line({ kind: 'closed', n: 1, isOver: false, why: 'reset' });
    assert.deepEqual(stage.kinds(), ['streamClosed']);
    await stage.clock.advance(3_500);
    assert.deepEqual(stage.kinds(), [], 'who is not connected does not speak');
    assert.equal(stage.call.stream?.n, 2);
    assert.equal(stage.transcriber.latest.isClosed, false);
    await stage.line({ kind: 'opened', n: 2 });
    assert.equal(stage.call.stream?.state, 'open');
    assert.deepEqual(stage.lines.take(), [], 'the line still has what is to be said');
  });

  it('goes on after a restart', async () => {
    const stage = new Stage();
    stage.now({ kind: 'answered' });
    await settle();
    assert.deepEqual(stage.lines.take(), [
      'open medium',
      'identify CA1',
      'say u1',
      'sound u1 13',
      'finish u1',
    ]);
  });
});

describe('A voice or an ear that fails', () => {
  it('leaves speaking and hearing to the carrier', async () => {
    const stage = new Stage({}, () => ({ pieces: [], fails: '401' }));
    stage.speech.prepare(stage.call);
    stage.now({ kind: 'answered' });
    await stage.line({ kind: 'opened', n: 1 });
    assert.deepEqual(stage.kinds(), ['streamOpened', 'speechFailed']);
    assert.equal(stage.call.stream, null);
    assert.equal(stage.lines.take().at(-1), 'close');
    assert.ok(stage.transcriber.latest.isClosed);
    await stage.line({ kind: 'audio', mulaw: new Uint8Array(160) });
    await stage.clock.advance(60_000);
    assert.equal(stage.clock.pending, 0);
  });
});

describe('Whatever happens on the line and in the call, in whatever order', () => {
  const happening = fc.oneof(
    fc.constantFrom<Happening>(
      { kind: 'opened', n: 1 },
      { kind: 'opened', n: 2 },
      { kind: 'closed', n: 1, isOver: false, why: 'reset' },
      { kind: 'voice', isSpeaking: true },
      { kind: 'voice', isSpeaking: false },
      { kind: 'digit', digit: '1' },
      { kind: 'audio', mulaw: new Uint8Array(160) },
    ),
    fc.record({
      kind: fc.constantFrom('began' as const, 'audible' as const, 'played' as const),
      utteranceId: fc.constantFrom('u1', 'u2', 'u3', 'clip'),
    }),
    fc.record({
      kind: fc.constant('cut' as const),
      utteranceId: fc.constantFrom('u1', 'u2', 'u3'),
      heardMs: fc.nat({ max: 3_000 }),
    }),
  );
  const fact = fc.constantFrom(
    { kind: 'agentSaid', turn: 2, text: 'It is noon.' },
    { kind: 'agentReplied', turn: 2, text: 'Bye for now.' },
    { kind: 'callerSaid', text: 'Wait.', turn: null },
    { kind: 'speechFailed', why: 'no voice' },
    { kind: 'deadlinePassed', name: 'played' },
  );
  const move = fc.oneof(
    fc.record({ on: fc.constant('line' as const), what: happening }),
    fc.record({ on: fc.constant('call' as const), what: fact }),
    fc.record({ on: fc.constant('ear' as const), what: fc.constantFrom('final', 'partial', 'broken') }),
    fc.record({ on: fc.constant('time' as const), what: fc.nat({ max: 4_000 }) }),
  );

  type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

  async function perform(stage: Stage, { on, what }: Move): Promise<void> {
    if (on === 'line') await stage.line(what);
    else if (on === 'call') stage.now(what);
    else if (on === 'time') await stage.clock.advance(what);
    else if (what === 'broken') stage.transcriber.latest.tell.onBroken('gone');
    else stage.transcriber.latest.tell[what === 'final' ? 'onFinal' : 'onPartial']('Hello?');
  }

  it('nothing is said twice, the line is closed once, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), fc.boolean(), async (moves, works) => {
        const stage = new Stage({}, () => (works ? { afterMs: 200 } : { pieces: [], fails: '401' }));
        stage.speech.prepare(stage.call);
        stage.now({ kind: 'answered' });
        for (const one of moves) await perform(stage, one);
        stage.now({ kind: 'carrierEnded', reason: 'hangup-user', cause: 'they left' });
        await stage.clock.advance(10_000);
        assert.equal(stage.clock.pending, 0);
        assert.ok(stage.transcriber.sessions.every((session) => session.isClosed));
        const asked = stage.lines.take();
        assert.equal(asked.filter((one) => one === 'close').length, 1);
        assert.equal(asked.at(-1), 'close');
        const said = asked.filter((one) => one.startsWith('say '));
        assert.equal(new Set(said).size, said.length);
      }),
      { numRuns: 60 },
    );
  });
});
