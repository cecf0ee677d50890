// Stories: what every carrier must be able to do, told once; the same words run on all of them.
import assert from 'node:assert/strict';
import type { EndReason } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import { type CarrierStage, GREETING, STRANGER, type StageOptions } from './carrier-stage.ts';
import type { FaultName, Script } from './exchanges.ts';

export interface Story {
  readonly name: string;
  /** Who begins: a call we place meets the faults of placing one. */
  readonly direction: 'outbound' | 'inbound';
  readonly options?: StageOptions;
  readonly run: (stage: CarrierStage, fault: FaultName) => Promise<void>;
}

const WELCOME = 'Hello! How can I help you today?';
const LET_IN: Partial<Settings> = { inboundPolicy: 'open' };
const THREE_TURNS: Script = (human) =>
  human.says('One').says('Two').says('Three').hangsUp({ afterMs: 5_000 });
const ANSWERS = ['You said: One', 'You said: Two', 'You said: Three'];
const NOBODY = { sessionKey: null } as const;

/** Every webhook about the end was lost: then the carrier does not tell why, only that it is over. */
function endedAs(stage: CarrierStage, reason: EndReason, fault: FaultName): void {
  const { end, phase } = stage.ours;
  assert.equal(phase, 'ended');
  if (fault !== 'lost status webhooks') assert.equal(end?.reason, reason);
  assert.ok((end?.cause ?? '').length > 3, 'the cause is kept');
}

/** The lines of the transcript, who and what. */
function said(stage: CarrierStage): string[] {
  return stage.ours.transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
}

function sleeps(stage: CarrierStage, ms: number): Promise<void> {
  return new Promise((resolve) => stage.clock.at(stage.clock.now() + ms, resolve));
}

const talking: readonly Story[] = [
  {
    name: 'notify',
    direction: 'outbound',
    run: async (stage, fault) => {
      await stage.place({ mode: 'notify', message: 'Your parcel is here.' });
      await stage.over();
      assert.deepEqual(stage.heard, ['Your parcel is here.'], 'heard once, to its end');
      const [message] = stage.theirs.heard;
      const restMs = (stage.theirs.end?.at ?? 0) - (message?.to ?? 0);
      // What is told by request is late by as much as requests, webhooks or retries are.
      assert.ok(restMs >= 2_990 && restMs <= 12_000, `hung up ${restMs} ms after the last word`);
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'hangup-bot', fault);
    },
  },
  {
    name: 'conversation of three turns',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect(THREE_TURNS);
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
      stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 5_000 }));
      await stage.over();
      assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me']);
      endedAs(stage, 'completed', fault);
    },
  },
  {
    name: 'slow agent: filler',
    direction: 'outbound',
    options: { answer: (_turn, stage) => sleeps(stage, 4_500).then(() => 'It is noon.') },
    run: async (stage) => {
      stage.expect((human) => human.says('What time is it?').hangsUp({ afterMs: 12_000 }));
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
    run: async (stage) => {
      stage.expect((human) => human.says('Hello?').says('Again then').hangsUp({ afterMs: 6_000 }));
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
      const again = 'Are you still there?';
      const goodbye = 'I cannot hear you, so I will hang up now. Goodbye.';
      assert.deepEqual(stage.heard, [GREETING, again, again, goodbye]);
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'completed', fault);
    },
  },
];

const driven: readonly Story[] = [
  {
    name: 'continue',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) =>
        human.staysSilent().says('Blue.', { afterMs: 1_500 }).hangsUp({ afterMs: 5_000 }),
      );
      const { id } = await stage.place();
      await stage.listening();
      assert.deepEqual(await stage.settle(stage.app.phone.ask(id, 'Which colour?')), { transcript: 'Blue.' });
      await stage.over();
      assert.deepEqual(stage.heard, [GREETING, 'Which colour?'], 'never cut, said once');
      assert.equal(stage.agent.turns.length, 0);
    },
  },
  {
    name: 'speak',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.hangsUp({ afterMs: 14_000 }));
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.speak(id, 'One more thing.'));
      await stage.over();
      assert.equal(stage.heard.filter((text) => text === 'One more thing.').length, 1);
    },
  },
  {
    name: 'end',
    direction: 'outbound',
    run: async (stage, fault) => {
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.end(id, NOBODY));
      await stage.over();
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'hangup-bot', fault);
      await stage.app.phone.end(id, NOBODY);
    },
  },
  {
    name: 'status',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.hangsUp({ afterMs: 12_000 }));
      const { id } = await stage.place();
      await stage.listening();
      const { phase, carrierCallId, answeredAt } = stage.app.phone.find(id) ?? stage.ours;
      assert.equal(phase, 'live');
      assert.ok(answeredAt !== null);
      assert.equal(stage.app.phone.find(carrierCallId ?? '')?.id, id, 'found by the carrier’s id as well');
      await stage.over();
      assert.equal(stage.app.phone.find(id)?.phase, 'ended');
    },
  },
  {
    name: 'keys out, in the call',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.hangsUp({ afterMs: 14_000 }));
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.sendDigits(id, '42#'));
      await stage.over();
      assert.equal(keysHeard(stage), '42#');
    },
  },
  {
    name: 'keys out, before the greeting',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.hangsUp({ afterMs: 14_000 }));
      await stage.place({ dtmfSequence: '1ww2#' });
      await stage.over();
      assert.equal(keysHeard(stage).replaceAll('w', ''), '12#');
      const words = stage.theirs.heard.filter(({ kind }) => kind !== 'digits');
      assert.equal(words[0]?.text, GREETING);
    },
  },
  {
    name: 'keys in',
    direction: 'outbound',
    options: { answer: () => 'Thank you.' },
    run: async (stage) => {
      stage.expect((human) => human.presses('42#').hangsUp({ afterMs: 6_000 }));
      await stage.place();
      await stage.over();
      // Some carriers take # for the end of the keys and keep it, others report it like any key.
      assert.match(said(stage)[1] ?? '', /^caller: \(pressed on the keypad: 42#?\)$/);
      assert.deepEqual(stage.heard, [GREETING, 'Thank you.']);
    },
  },
];

function keysHeard(stage: CarrierStage): string {
  return stage.theirs.heard
    .filter(({ kind }) => kind === 'digits')
    .map(({ text }) => text)
    .join('');
}

/** A call nobody takes; when the carrier's word is lost, we know at least that nobody answered. */
function untaken(name: string, reason: EndReason, script: Script): Story {
  return {
    name,
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect(script);
      await stage.place();
      await stage.over();
      assert.equal(stage.ours.answeredAt, null);
      assert.deepEqual(stage.ours.transcript, []);
      endedAs(stage, reason, fault);
    },
  };
}

const untakenCalls: readonly Story[] = [
  untaken('busy', 'busy', (human) => human.busy()),
  untaken('no answer', 'no-answer', (human) => human.noAnswer()),
  untaken('failed', 'failed', (human) => human.fails()),
  {
    name: 'cancelled while it rings',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.answersAfter(25_000));
      const { id } = await stage.place();
      await stage.until(3_000);
      await stage.settle(stage.app.phone.end(id, NOBODY));
      await stage.over();
      assert.deepEqual(
        [stage.heard, stage.theirs.answeredAt],
        [[], undefined],
        'nobody was rung for nothing',
      );
      endedAs(stage, 'hangup-bot', fault);
    },
  },
];

/** What each carrier calls its longest duration. */
const LIMITS = ['TimeLimit', 'time_limit_secs', 'time_limit'] as const;

const limited: readonly Story[] = [
  {
    name: 'longest duration, here and at the carrier',
    direction: 'outbound',
    options: { settings: { maxDurationMs: 40_000 } },
    run: async (stage, fault) => {
      stage.expect((human) => human.says('One', { afterMs: 4_000 }).says('Two', { afterMs: 4_000 }));
      await stage.place();
      await stage.over();
      const create = stage.exchange.asked.find(({ action }) => action === 'create');
      const limit = LIMITS.map((name) => create?.fields[name]).find((value) => value !== undefined);
      assert.equal(Number(limit), 40, 'the carrier keeps it as well');
      const lastedMs = (stage.theirs.end?.at ?? 0) - (stage.theirs.answeredAt ?? 0);
      assert.ok(lastedMs <= 40_000, `${lastedMs} ms`);
      endedAs(stage, 'timeout', fault);
    },
  },
  {
    name: 'language',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.says('Guten Tag').hangsUp({ afterMs: 5_000 }));
      await stage.place({ language: 'de-DE', message: 'Hallo!' });
      await stage.over();
      assert.equal(stage.heard[0], 'Hallo!');
      assert.ok(stage.exchange.spoken.some((text) => text.includes('de-DE') && text.includes('Hallo!')));
      assert.ok(!stage.exchange.spoken.some((text) => text.includes('en-US')), 'no other language anywhere');
    },
  },
  {
    name: 'refused caller',
    direction: 'inbound',
    options: { settings: { inboundPolicy: 'allowlist', allowFrom: ['+15550001234'] } },
    run: async (stage) => {
      stage.dialIn((human) => human.says('Hello?'), STRANGER);
      await stage.over();
      assert.deepEqual(
        [stage.theirs.answeredAt, stage.heard],
        [undefined, []],
        'never answered, so never paid',
      );
      assert.equal(stage.ours.end?.cause, 'refused: not on the allowlist');
      assert.equal(stage.agent.turns.length, 0);
    },
  },
  {
    name: 'restart in mid-call',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) => human.says('One', { afterMs: 6_000 }).says('Two').hangsUp({ afterMs: 5_000 }));
      await stage.place();
      await stage.listening();
      await stage.stop();
      await stage.start();
      await stage.over();
      assert.equal(stage.heard.filter((text) => text === GREETING).length, 1, 'said once');
      assert.deepEqual(stage.heard.slice(-2), ['You said: One', 'You said: Two']);
      assert.equal(stage.app.phone.list(10).length, 1);
    },
  },
];

export const STORIES: readonly Story[] = [...talking, ...driven, ...untakenCalls, ...limited];
