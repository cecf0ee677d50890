// Live audio in a real Gateway: the host's own speech providers on loopback, our packed plugin, conversations by ear.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TurnStages } from '../../src/call/call.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import type { LatencyReport, Spread } from '../../src/operation/latency.ts';
import { freePort, Home, type View } from './home.ts';
import { type CarrierLine, plivoLine, type TwinCall, telnyxLine, twilioLine } from './streaming-lines.ts';
import { Stalls } from './streaming-stalls.ts';
import { answerOf, answerTo, breaksVoice, brokenIn, mendsVoice, talks, wordsOf } from './streaming-talk.ts';
import { type Evidence, judged, judgeStages, storyOf, type TurnReport } from './streaming-verdict.ts';
import { StreamingVoices } from './streaming-voices.ts';

/** A model that writes a word in the time in which two thirds of it are spoken. */
const PACE = { firstTokenMs: 150, tokenMs: 120 };
const GREETING = 'Good day to you.';
/** Of a long answer so much is still to be written when it begins to sound. */
const AHEAD_MS = 300;
const LONG_ANSWERS = ['three', 'nine'];
const CONVERSATION_MS = 120_000;

type Stages = { readonly metadata: { readonly turns: readonly { readonly stages?: TurnStages }[] } };

describe('Live audio in a real Gateway', () => {
  const voices = new StreamingVoices();
  const stalls = new Stalls();
  let home: Home;
  let lines: readonly CarrierLine[] = [];
  let port: number;
  let isRunning = false;

  before(async () => {
    stalls.start();
    await voices.listen();
    const { home: installed, installed: result } = await Home.install({
      env: voices.env,
      model: { ...PACE, reply: answerOf },
    });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    lines = await Promise.all([twilioLine(), telnyxLine(), plivoLine()]);
    port = await freePort();
  });
  after(async () => {
    stalls.stop();
    await home?.remove();
    await Promise.all(lines.map((line) => line.close()));
    await voices.close();
  });

  /** Starts the Gateway, or edits its configuration while it runs, as an owner does. */
  async function configure(line: CarrierLine, changes: object = {}): Promise<string> {
    const config = {
      ...line.config(port),
      inboundPolicy: 'open',
      inboundGreeting: GREETING,
      streaming: voices.streaming,
      tts: voices.tts('elevenlabs'),
      ...changes,
    };
    if (!isRunning) {
      isRunning = true;
      await home.start(config);
      return home.log;
    }
    const { length } = home.log;
    await home.reconfigure(config);
    await home.logged(new RegExp(`voice call is ready carrier=${line.name}`), length);
    return home.log.slice(length);
  }

  async function viewOf(direction: 'inbound' | 'outbound'): Promise<View & Stages> {
    const { calls } = await home.rpc<{ calls: View[] }>('voicecall.status', { limit: 2 });
    const id = calls.find((call) => call['direction'] === direction)?.callId ?? assert.fail('no such call');
    const { call } = await home.rpc<{ call: View & Stages }>('voicecall.status', { callId: id });
    return call;
  }

  async function judge(
    call: TwinCall,
    direction: 'inbound' | 'outbound',
    tell: (text: string) => void,
  ): Promise<void> {
    const view = await viewOf(direction);
    const report = judgedOrTold({ call, view, model: home.model, pace: PACE, stalls }, tell);
    const all = (of: (turn: TurnReport) => number): string =>
      report.map((turn) => Math.round(of(turn))).join(' ');
    tell(`${direction}, silence once we had the words, ms: ${all(({ silenceMs }) => silenceMs)}`);
    tell(`${direction}, from the last sound to our first, ms: ${all(({ waitMs }) => waitMs)}`);
    tell(`${direction}, heard before the model was done, ms: ${all(({ aheadMs }) => aheadMs)}`);
    for (const { turn, aheadMs } of report) {
      if (LONG_ANSWERS.includes(turn)) assert.ok(aheadMs >= AHEAD_MS, `turn ${turn} waited for the model`);
    }
    assert.equal(call.streams.length, 2, 'the network broke once');
    judgeStages(view.metadata.turns.at(-1)?.stages);
  }

  it('goes on with the voice of the carrier, and says why, when nobody can transcribe', async () => {
    const [line] = lines;
    assert.ok(line);
    const { deepgram } = (voices.streaming as { providers: { deepgram: object } }).providers;
    const lost = { source: 'env', provider: 'default', id: 'NO_SUCH_KEY' };
    const whys: readonly (readonly [object, RegExp])[] = [
      [{ enabled: true, provider: 'nobody' }, /there is no transcription provider "nobody"/],
      [{ enabled: true, provider: 'deepgram' }, /"deepgram" is not configured; set streaming\.providers/],
      [
        { enabled: true, provider: 'deepgram', providers: { deepgram: { ...deepgram, apiKey: lost } } },
        /deepgram\.apiKey: .*SecretRef/,
      ],
    ];
    for (const [streaming, why] of whys) {
      const log = await configure(line, { streaming });
      assert.match(log, why);
      assert.match(log, /Until then the carrier speaks and listens/);
    }
    const call = line.dialIn('+15550003333', (person) =>
      person.says('Item one').decides(() => ({ hangsUp: true })),
    );
    await until(() => !call.isAlive, CONVERSATION_MS);
    const { transcript } = await viewOf('inbound');
    assert.deepEqual(
      transcript.map(({ text }) => text),
      [GREETING, 'Item one', answerTo('one')],
    );
    assert.deepEqual(call.streams, []);
  });

  for (const [index, name] of (['twilio', 'telnyx', 'plivo'] as const).entries()) {
    it(`holds ten turns on ${name}, both ways at once, through interruptions and outages`, async (test) => {
      const line = lines[index] ?? assert.fail();
      await configure(line);
      const spokenByOther = voices.openai.requests.length;
      const inbound = line.dialIn('+15550002222', talks);
      const placed = line.expect('+15550001111', talks);
      await home.rpc<View>('voicecall.initiate', {
        to: '+15550001111',
        message: GREETING,
        mode: 'conversation',
      });
      const outbound = placed();
      const mend = [inbound, outbound].map((call) => troubles(call, voices));
      await until(() => !inbound.isAlive && !outbound.isAlive, CONVERSATION_MS);
      for (const stop of mend) stop();
      await judge(inbound, 'inbound', (text) => test.diagnostic(text));
      await judge(outbound, 'outbound', (text) => test.diagnostic(text));
      assert.ok(voices.openai.requests.length > spokenByOther, 'the other voice stepped in');
      assert.deepEqual(line.problems, []);
    });
  }
  it('tells every stage of the last turn, and how all turns were spread', async (test) => {
    const { callId } = await viewOf('inbound');
    const shown = await home.voicecall('status', '--call-id', callId, '--json');
    const { call } = JSON.parse(shown.stdout) as { call: Stages };
    judgeStages(call.metadata.turns.at(-1)?.stages);
    const printed = await home.voicecall('latency');
    const { stages } = JSON.parse(printed.stdout) as LatencyReport;
    const names = [
      'transcription',
      'preparation',
      'model',
      'firstSentence',
      'voice',
      'sending',
      'carrier',
      'whole',
    ];
    assert.deepEqual(Object.keys(stages), names);
    for (const spread of Object.values(stages)) judgeSpread(spread);
    assert.doesNotMatch(home.log, /fetch timeout/, 'speech that nobody wants any more is let go');
    const spoken = Object.entries(stages).map(([name, { p50Ms, p95Ms }]) => `${name} ${p50Ms}/${p95Ms}`);
    test.diagnostic(`p50/p95, ms: ${spoken.join(', ')}`);
  });
});

function judgedOrTold(evidence: Evidence, tell: (text: string) => void): readonly TurnReport[] {
  try {
    return judged(evidence);
  } catch (error) {
    tell(storyOf(evidence));
    throw error;
  }
}

/** The network breaks in the middle of one answer, and the voice is out of order for two. */
function troubles(call: TwinCall, voices: StreamingVoices): () => void {
  const breaksAt = wordsOf(answerTo(brokenIn))[4];
  let isBroken = false;
  let mend: (() => void) | undefined;
  const unlisten = call.ear.listen({
    wordHeard: ({ text }) => {
      const [word] = wordsOf(text);
      if (word === breaksAt && !isBroken) {
        isBroken = true;
        setImmediate(() => call.stream?.drop());
      }
      if (word === breaksVoice) mend ??= voices.elevenlabs.next({ status: 503 });
      if (word === mendsVoice) mend?.();
    },
  });
  return () => {
    unlisten();
    mend?.();
  };
}

function judgeSpread({ count, minMs, avgMs, maxMs, p50Ms, p90Ms, p95Ms, p99Ms }: Spread): void {
  assert.ok(count >= 30, `${count} turns`);
  const rising = [minMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs];
  assert.deepEqual(
    rising.toSorted((a, b) => a - b),
    rising,
  );
  assert.ok(avgMs >= minMs && avgMs <= maxMs);
}

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  const end = systemClock.now() + withinMs;
  while (!isSo()) {
    if (systemClock.now() > end) throw new Error('it did not come about in time');
    await wait(systemClock, 100);
  }
}
