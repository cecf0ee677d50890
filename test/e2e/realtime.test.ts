// Realtime in a real Gateway: the host's own voice providers on loopback, our packed plugin, calls by ear.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort, Home } from './home.ts';
import { ask, lose, meet, talk } from './realtime-calls.ts';
import { type ModelName, RealtimeModels } from './realtime-models.ts';
import { agentSays, GREETING } from './realtime-talk.ts';
import { type CarrierLine, plivoLine, telnyxLine, twilioLine } from './streaming-lines.ts';

/** What the agent needs to find out what the caller asks. */
const TOOL_MS = 6_000;

describe('Realtime voice in a real Gateway', () => {
  const models = new RealtimeModels();
  let home: Home;
  let lines: readonly CarrierLine[] = [];
  let port: number;
  let configured = '';

  before(async () => {
    await models.listen();
    const { home: installed, installed: result } = await Home.install({
      env: models.env,
      model: { firstTokenMs: TOOL_MS, tokenMs: 2, reply: agentSays },
    });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    lines = await Promise.all([twilioLine(), telnyxLine(), plivoLine()]);
    port = await freePort();
  });
  after(async () => {
    await home?.remove();
    await Promise.all(lines.map((line) => line.close()));
    await models.close();
  });

  /** Starts the Gateway, or edits its configuration while it runs, as an owner does. */
  async function configure(line: CarrierLine, model: ModelName): Promise<void> {
    const config = {
      ...line.config(port),
      inboundPolicy: 'open',
      inboundGreeting: GREETING,
      realtime: models.realtime(model),
    };
    const wanted = `${model} on ${line.name}`;
    if (configured === wanted) return;
    const { length } = configured === '' ? '' : home.log;
    if (configured === '') await home.start(config);
    else await home.reconfigure(config);
    configured = wanted;
    await home.logged(new RegExp(`voice call is ready carrier=${line.name} .*model=${model}`), length);
  }

  for (const [index, name] of (['twilio', 'telnyx', 'plivo'] as const).entries()) {
    for (const model of ['openai', 'google'] as const) {
      it(`talks, asks the agent, survives losses and joins a meeting: ${model} on ${name}`, async (test) => {
        const line = lines[index] ?? assert.fail();
        await configure(line, model);
        const stage = { home, line, models, model, tell: (text: string) => test.diagnostic(text) };
        const calls = await Promise.allSettled([talk(stage), ask(stage), lose(stage), meet(stage)]);
        for (const call of calls) if (call.status === 'rejected') throw call.reason;
        assert.deepEqual(line.problems, []);
        assert.deepEqual(models.open(model), [], 'no session outlives its call');
      });
    }
  }
});
