// Talking: stories of who says what, and when a call that talks is over.
import assert from 'node:assert/strict';
import { HANGUP_CONFIRM_MS, speechMs } from '../../src/call/deadline.ts';
import { type CarrierStage, GREETING } from './carrier-stage.ts';
import {
  type AnyFault,
  endedAs,
  LET_IN,
  ONE_SENTENCE,
  STILL_THERE,
  type Story,
  said,
  sleeps,
  stays,
  WELCOME,
} from './story.ts';

const PARCEL = 'Your parcel is here.';
/** Another one than any default, so that it is really the configured one. */
const PAUSE_MS = 4_000;
const ANSWERS = ['You said: One', 'You said: Two', 'You said: Three'];

/**
 * The configured pause counts from when we know that the message was heard: when the carrier says so, however
 * late. One that never says so is given what the slowest voice needs twice over and 10 s, so that no message is
 * ever cut; only then the pause begins.
 */
function hungUpInTime(stage: CarrierStage, fault: AnyFault): void {
  const [message] = stage.theirs.heard;
  const endedAt = stage.theirs.end?.at ?? Number.NaN;
  const heardAt = message?.to ?? Number.NaN;
  const receiptAt = stage.exchange.receiptAt() ?? Number.POSITIVE_INFINITY;
  const guessedAt = (message?.from ?? 0) + 2 * speechMs(PARCEL) + 10_000;
  const pauseMs = endedAt - Math.min(receiptAt, guessedAt);
  assert.ok(endedAt - heardAt >= PAUSE_MS, 'never sooner after the last word');
  // A request may be on its way for some time, and one that is turned down is repeated.
  const repeatMs = fault === '429 on commands' ? HANGUP_CONFIRM_MS : 0;
  const wayMs = fault === 'none' ? 0 : 1_000;
  assert.ok(
    pauseMs >= 0 && pauseMs <= PAUSE_MS + repeatMs + wayMs,
    `hung up ${pauseMs} ms after it was known`,
  );
  if (fault === 'none') assert.equal(endedAt - heardAt, PAUSE_MS);
}

/** The stream broke in the greeting: it goes on where it was, with at most a few letters twice. */
function goesOnAtTheSeam(stage: CarrierStage): void {
  const [before = '', after = '', ...more] = stage.heard.map((text) => text.replaceAll('…', ''));
  assert.ok(WELCOME.startsWith(before) && WELCOME.endsWith(after), `${before} | ${after}`);
  const twice = before.length + after.length - WELCOME.length;
  assert.ok(twice >= 0 && twice <= 4, `${before} | ${after}`);
  assert.deepEqual(more, ['You said: It is me']);
}

export const talking: readonly Story[] = [
  {
    name: 'notify',
    direction: 'outbound',
    streamless: ONE_SENTENCE,
    options: { settings: { notifyHangupDelayMs: PAUSE_MS } },
    run: async (stage, fault) => {
      await stage.place({ mode: 'notify', message: PARCEL });
      await stage.over();
      assert.deepEqual(stage.heard, [PARCEL], 'heard once, to its end');
      hungUpInTime(stage, fault);
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'hangup-bot', fault);
    },
  },
  {
    name: 'conversation of three turns',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.says('One').says('Two').says('Three').hangsUp(stays(5_000, fault)));
      await stage.place();
      await stage.over();
      assert.deepEqual(stage.heard, [GREETING, ...ANSWERS]);
      assert.equal(stage.agent.turns.length, 3);
      endedAs(stage, 'completed', fault);
    },
  },
  {
    name: 'inbound with greeting',
    direction: 'inbound',
    options: { settings: LET_IN },
    run: async (stage, fault) => {
      stage.dialIn((human) => human.says('It is me').hangsUp(stays(5_000, fault)));
      await stage.over();
      if (fault === 'stream drops') goesOnAtTheSeam(stage);
      else assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me']);
      endedAs(stage, 'completed', fault);
    },
  },
  {
    name: 'slow agent: filler',
    direction: 'outbound',
    options: { answer: (_turn, stage) => sleeps(stage, 4_500).then(() => 'It is noon.') },
    run: async (stage) => {
      // Without receipts the answer waits until the filler is over even for the slowest voice: 15 s.
      stage.expect((human) => human.says('What time is it?').hangsUp({ afterMs: 24_000 }));
      await stage.place();
      await stage.over();
      assert.equal(stage.heard[0], GREETING);
      assert.equal(stage.heard[1], 'One moment, please.');
      assert.equal(stage.heard.filter((text) => text === 'It is noon.').length, 1);
    },
  },
  {
    name: 'failing agent: apology',
    direction: 'outbound',
    options: {
      answer: ({ turn }) => {
        if (turn === 1) throw new Error('no model');
        return 'Now it works.';
      },
    },
    run: async (stage, fault) => {
      stage.expect((human) => human.says('Hello?').says('Again then').hangsUp(stays(6_000, fault)));
      await stage.place();
      await stage.over();
      const apology = 'Sorry, I could not get an answer just now. Could you say that again?';
      assert.deepEqual(stage.heard, [GREETING, apology, 'Now it works.']);
    },
  },
  {
    name: 'silent caller',
    direction: 'outbound',
    run: async (stage, fault) => {
      await stage.place();
      await stage.over();
      const goodbye = 'I cannot hear you, so I will hang up now. Goodbye.';
      assert.deepEqual(stage.heard, [GREETING, STILL_THERE, STILL_THERE, goodbye]);
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'completed', fault);
    },
  },
  {
    name: 'hangs up while the agent thinks',
    direction: 'outbound',
    options: { answer: (_turn, stage) => sleeps(stage, 6_000).then(() => 'Too late.') },
    run: async (stage, fault) => {
      // The words are final a second after the last one; the news of the end may overtake them.
      stage.expect((human) => human.says('Never mind').hangsUp({ afterMs: 1_300 }));
      await stage.place();
      await stage.over();
      assert.deepEqual(stage.heard, [GREETING]);
      assert.ok(stage.agent.turns.length <= 1);
      // Who never tells us of the end is answered all the same, but nobody claims that it was heard.
      const late = stage.ours.transcript.find(({ text }) => text === 'Too late.');
      if (fault === 'lost status webhooks') assert.ok(late?.speaker !== 'agent' || late.outcome !== 'heard');
      else assert.equal(late, undefined, 'nobody was there to hear it');
      assert.equal(stage.records.length, 1);
      endedAs(stage, 'completed', fault);
    },
  },
];

/** What was heard of us: Twilio says itself that it cannot go on. */
function ofOurs(stage: CarrierStage): readonly string[] {
  return stage.heard.filter((text) => text !== 'We are sorry, an application error has occurred. Goodbye.');
}

/** Losses no repetition makes good: the call ends or goes on, but it is never forgotten. */
export const lossy: readonly Story[] = [
  {
    name: 'the answer is never told',
    direction: 'outbound',
    streamless: 'nothing is streamed of a call we know nothing of',
    brings: 'the news of the answer is lost for good',
    run: async (stage) => {
      stage.exchange.lose('beginning');
      stage.expect((human) => human.says('Hello?'));
      await stage.place();
      await stage.over();
      assert.deepEqual([ofOurs(stage), stage.agent.turns], [[], []]);
      const lastedMs = (stage.theirs.end?.at ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
      assert.ok(lastedMs <= 60_000, `an open line for ${lastedMs} ms`);
      assert.equal(stage.ours.phase, 'ended');
    },
  },
  {
    name: 'the first words are lost',
    direction: 'outbound',
    streamless: 'words come as sound, in no webhook that could be lost',
    brings: 'the webhook with the words is lost for good',
    run: async (stage) => {
      stage.exchange.lose('words');
      stage.expect((human) => human.says('One').says('Two').hangsUp({ afterMs: 8_000 }));
      await stage.place();
      await stage.over();
      assert.ok(!said(stage).includes('caller: One'));
      // Twilio drops a line it has no document for after 15 s. The others wait long enough to be told to ask again.
      if (stage.ours.carrier === 'twilio') assert.equal(stage.theirs.end?.by, 'carrier');
      else assert.deepEqual(stage.heard, [GREETING, STILL_THERE, 'You said: Two']);
      assert.equal(stage.ours.phase, 'ended');
    },
  },
  {
    name: 'nobody tells us of the caller',
    direction: 'inbound',
    streamless: 'nothing is streamed of a call we know nothing of',
    brings: 'the news of the caller is lost for good',
    options: { settings: LET_IN },
    run: async (stage) => {
      stage.exchange.lose('beginning');
      stage.dialIn((human) => human.says('Hello?').givesUpAfter(40_000));
      await stage.over();
      assert.deepEqual([ofOurs(stage), stage.records], [[], []], 'the news that it is over begins no call');
    },
  },
];
