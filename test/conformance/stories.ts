// Stories: what every carrier must be able to do, told once; the same words run on all of them.
import assert from 'node:assert/strict';
import type { EndReason } from '../../src/call/call.ts';
import type { NumberRoute } from '../../src/config/settings.ts';
import { GREETING, OURS, STRANGER } from './carrier-stage.ts';
import { driven } from './driving.ts';
import type { Script } from './exchange.ts';
import { endedAs, NOBODY, ONE_SENTENCE, type Story, stays } from './story.ts';
import { lossy, talking } from './talking.ts';

const NOT_TAKEN = 'nobody picks up, so there is nothing to stream';

/** A call nobody takes; when the carrier's word is lost, we know at least that nobody answered. */
function untaken(name: string, reason: EndReason, script: Script): Story {
  return {
    name,
    direction: 'outbound',
    streamless: NOT_TAKEN,
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
    streamless: NOT_TAKEN,
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

/** As if a number were configured with an agent that has since been deleted. */
const MISROUTED: NumberRoute = {
  inboundGreeting: 'Good evening.',
  agentId: 'deleted',
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: null,
  language: null,
  voice: null,
  tts: null,
};

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
    run: async (stage, fault) => {
      stage.expect((human) => human.says('Guten Tag').hangsUp(stays(5_000, fault)));
      await stage.place({ language: 'de-DE', message: 'Hallo!' });
      await stage.over();
      assert.equal(stage.heard[0], 'Hallo!');
      assert.ok(stage.spoken.some((text) => text.includes('de-DE') && text.includes('Hallo!')));
      assert.ok(!stage.spoken.some((text) => text.includes('en-US')), 'no other language anywhere');
    },
  },
  {
    name: 'refused caller',
    direction: 'inbound',
    streamless: NOT_TAKEN,
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
    name: 'a number whose agent is unknown',
    direction: 'inbound',
    streamless: ONE_SENTENCE,
    options: {
      settings: { inboundPolicy: 'open', numbers: new Map([[OURS, MISROUTED]]) },
      agents: ['main'],
    },
    run: async (stage) => {
      stage.dialIn((human) => human.says('Hello?'));
      await stage.over();
      const [sentence, ...more] = stage.heard;
      assert.match(sentence ?? '', /^Nobody can take your call on this number at the moment\..+ Goodbye\.$/);
      assert.deepEqual([more, stage.agent.turns], [[], []], 'let go after the sentence');
      assert.equal(stage.theirs.end?.by, 'plugin');
      assert.equal(stage.ours.phase, 'ended');
      assert.match(stage.ours.end?.cause ?? '', /^refused: no agent owns this call; correct agentId/);
    },
  },
  {
    name: 'restart in mid-call',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.says('One', { afterMs: 6_000 }).says('Two').hangsUp(stays(5_000, fault)));
      await stage.place();
      await stage.listening();
      await stage.stop();
      await stage.start();
      await stage.over();
      assert.equal(stage.heard.filter((text) => text === GREETING).length, 1, 'said once');
      assert.deepEqual(stage.heard.slice(-2), ['You said: One', 'You said: Two']);
      assert.equal(stage.records.length, 1);
    },
  },
];

export const STORIES: readonly Story[] = [...talking, ...driven, ...untakenCalls, ...limited, ...lossy];
