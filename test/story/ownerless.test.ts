// Somebody calls a number whose agent does not exist: they hear so and are let go, and the owner can find out why.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import type { NumberRoute, Settings } from '../../src/config/settings.ts';
import type { Phone } from '../../src/runtime/phone.ts';
import { overOn, starts } from './any-line.ts';
import { ALICE, OURS, PUBLIC_URL, STRANGER } from './app-line.ts';
import { type KeptLog, type ScriptedAgent, startLine } from './line.ts';
import { startTwilioLine } from './twilio-line.ts';

const GERMAN = /^Unter dieser Nummer kann .* niemand annehmen\..* Auf Wiederhören\.$/;
const CAUSE =
  'refused: no agent owns this call; correct agentId in plugins.entries.voice-call.config, or under "numbers" there';
const AGENTS = ['main'];

const route: NumberRoute = {
  inboundGreeting: 'Guten Tag.',
  agentId: 'ghost',
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: null,
  language: 'de-DE',
  voice: null,
  tts: null,
};
const misrouted: Partial<Settings> = { inboundPolicy: 'open', numbers: new Map([[OURS, route]]) };

/** One carrier, as these stories see it. */
interface Line {
  readonly phone: Phone;
  readonly log: KeptLog;
  readonly agent: ScriptedAgent;
  /** Somebody calls; gives what they have heard so far. */
  callIn(from: string): Promise<() => readonly string[]>;
  /** Time passes until nobody is on the line any more, at the carrier or here, without a complaint. */
  over(): Promise<void>;
}
type Start = (test: TestContext, settings: Partial<Settings>) => Promise<Line>;

function network(start: (typeof starts)[keyof typeof starts]): Start {
  return async (test, settings) => {
    const scene = await start(test, { settings: { publicUrl: PUBLIC_URL, ...settings }, agents: AGENTS });
    const { phone, log, agent } = scene.line;
    const callIn = async (from: string) => scene.callIn(from, (person) => person.says('Hello?'));
    return { phone, log, agent, callIn, over: () => overOn(scene) };
  };
}

async function mock(test: TestContext, settings: Partial<Settings>): Promise<Line> {
  const line = await startLine({ fromNumber: OURS, ...settings }, undefined, AGENTS);
  test.after(() => line.stop());
  return {
    phone: line.app.phone,
    log: line.log,
    agent: line.agent,
    callIn: async (from) => {
      const { id } = await line.app.phone.ring(from, ['Hello?']);
      return () => line.call(id).transcript.map(({ text }) => text);
    },
    over: () => line.clock.advance(120_000),
  };
}

const { twilio, telnyx, plivo } = starts;
const carriers: Readonly<Record<string, Start>> = {
  twilio: network(twilio),
  telnyx: network(telnyx),
  plivo: network(plivo),
  mock,
};

for (const [name, start] of Object.entries(carriers)) {
  describe(`On ${name}, a caller on a number whose agent does not exist`, () => {
    it('hears so in the language of the number and is let go', async (test) => {
      const line = await start(test, misrouted);
      const heard = await line.callIn(ALICE);
      await line.over();
      const [said, ...more] = heard();
      assert.match(said ?? '', GERMAN);
      assert.deepEqual(more, []);
      const [call, ...others] = line.phone.list(9);
      assert.deepEqual([call?.phase, call?.end], ['ended', { reason: 'hangup-bot', cause: CAUSE }]);
      assert.deepEqual([call?.settings.agentId, others], ['ghost', []]);
      assert.deepEqual([line.agent.prepared, line.agent.turns], [[], []], 'no agent hears of it');
    });

    it('makes a warning in the log, once, in which no number stands', async (test) => {
      const line = await start(test, misrouted);
      await line.callIn(ALICE);
      await line.over();
      const warnings = line.log.lines.filter(({ level }) => level !== 'info' && level !== 'debug');
      assert.deepEqual(
        warnings.map(({ level, text, fields }) => [level, text, fields['why'], fields['agentId']]),
        [['warn', 'caller turned away', CAUSE, 'ghost']],
      );
      for (const number of [ALICE, OURS]) {
        assert.ok(!JSON.stringify(line.log.lines).includes(number.slice(1)));
        assert.ok(!line.phone.list(1)[0]?.end?.cause.includes(number.slice(1)));
      }
    });

    it('who may not call is refused as ever', async (test) => {
      const line = await start(test, { ...misrouted, inboundPolicy: 'allowlist', allowFrom: [ALICE] });
      const heard = await line.callIn(STRANGER);
      await line.over();
      assert.deepEqual(heard(), []);
      const [call] = line.phone.list(1);
      assert.deepEqual([call?.end?.cause, call?.answeredAt], ['refused: not on the allowlist', null]);
      assert.ok(line.log.lines.every(({ level }) => level !== 'warn'));
    });

    it('is answered by the agent once the name is corrected', async (test) => {
      const numbers = new Map([[OURS, { ...route, agentId: 'main' }]]);
      const line = await start(test, { ...misrouted, numbers });
      const heard = await line.callIn(ALICE);
      await line.over();
      assert.equal(heard()[0], 'Guten Tag.');
      assert.equal(line.agent.turns[0]?.words, 'Hello?');
    });
  });
}

describe('Where no agent is named for all calls and none can be guessed', () => {
  it('a caller hears so too, and a call of ours is refused with its cure', async (test) => {
    const line = await startTwilioLine(test, {
      settings: { inboundPolicy: 'open', publicUrl: PUBLIC_URL },
      agents: ['one', 'two'],
    });
    await assert.rejects(line.order(), { code: 'VC_AGENT_UNKNOWN', cure: /agentId/ });
    line.dialIn(new Caller().says('Hello?'));
    await line.toTheEnd();
    assert.match(line.heard.join(), /^Nobody can take your call/);
    assert.equal(line.phone.list(1)[0]?.end?.cause, CAUSE);
  });
});

it('Several callers on such a number are all told, whatever the number of lines', async (test) => {
  const line = await startTwilioLine(test, {
    settings: { ...misrouted, publicUrl: PUBLIC_URL, maxInboundCalls: 1 },
    agents: AGENTS,
  });
  line.dialIn(new Caller().says('Hello?'));
  line.dialIn(new Caller().says('Hello?'), STRANGER);
  await line.over();
  for (const { heard } of line.twin.calls) assert.match(heard.map(({ text }) => text).join(), GERMAN);
});
