// Calls through a tunnel: a stand-in for ngrok as a real process that really passes on what a simulated Twilio sends.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import { FakeTool, type OpenNgrok } from '../../sim/tunnels/tools.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { tell } from '../../sim/twilio/story.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { type App, startApp } from '../../src/app.ts';
import { isOpen } from '../../src/call/call.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import type { Trouble } from '../../src/lib/health.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { tunnels } from '../../src/reach/tunnels.ts';
import { KeptLog, plainSettings, ScriptedAgent } from './line.ts';

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const OURS = '+15550000001';
const ALICE = '+15550001234';
const ONE = 'https://one.ngrok.example';
const TWO = 'https://two.ngrok.example';

interface Scene {
  readonly app: App;
  readonly twin: TwilioTwin;
  readonly tool: FakeTool;
  /** The tunnel at this address; the carrier finds it from now on. */
  reachedAt(origin: string): Promise<OpenNgrok>;
}

async function scene(t: TestContext, plan: object = { urls: [ONE, TWO] }): Promise<Scene> {
  const tool = new FakeTool('ngrok', plan);
  const twin = new TwilioTwin({ ...ACCOUNT, clock: systemClock, msPerChar: 4, personMsPerChar: 4 });
  await twin.listen();
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-tunnel-'));
  const app = await startApp({
    settings: {
      ...plainSettings,
      fromNumber: OURS,
      inboundPolicy: 'open',
      maxConcurrentCalls: 2,
      inboundGreeting: 'Hello, who is there?',
      carrier: { name: 'twilio', ...ACCOUNT, region: 'us1', apiBaseUrl: twin.apiBaseUrl },
      tunnel: { kind: 'ngrok', authToken: 'secret-authtoken', domain: null },
    },
    clock: systemClock,
    log: new KeptLog(),
    agent: new ScriptedAgent(({ words }) => `You said: ${words}`),
    live: null,
    storeDir,
    newId: newUuid,
    ownerAgent: () => 'main',
    tell: () => undefined,
    tunnelFor: tunnels({ clock: systemClock, env: tool.env, sdkFolders: [], findSdk: () => null }),
  });
  t.after(async () => {
    await app.stop();
    await twin.close();
    tool.remove();
    rmSync(storeDir, { recursive: true, force: true });
  });
  const reachedAt = async (origin: string): Promise<OpenNgrok> => {
    const open = await tool.ngrokAt(origin);
    twin.tunnel(origin, `http://127.0.0.1:${open.port}`);
    return open;
  };
  return { app, twin, tool, reachedAt };
}

/** Waits for what happens in other processes, at most 20 s. */
async function until(isSo: () => boolean, what: () => string): Promise<void> {
  for (const late = systemClock.now() + 20_000; !isSo(); ) {
    assert.ok(systemClock.now() < late, what());
    await wait(systemClock, 5);
  }
}

async function call({ app, twin }: Scene, person: Caller | null, to = ALICE): Promise<string> {
  if (person) twin.expect(to, person);
  const { id } = await app.phone.place(placeRequest({ to }));
  return id;
}

function heardIn({ app }: Scene, id: string): string[] {
  return app.phone.find(id)?.transcript.map(({ speaker, text }) => `${speaker}: ${text}`) ?? [];
}

async function over(stage: Scene, id: string): Promise<void> {
  const { app, twin } = stage;
  const story = (): string => twin.calls.map((one) => tell(one, twin.problems)).join('\n\n');
  await until(() => {
    const found = app.phone.find(id);
    return found !== null && !isOpen(found);
  }, story);
}

/** A machine that runs much else may be at its limit, which is no news of the tunnel. */
function troublesOf({ health }: App): readonly Trouble[] {
  return health.troubles().filter(({ subject }) => subject !== 'load');
}

describe('Through a tunnel', () => {
  it('we call and are called, with every signature made for its address', async (t) => {
    const stage = await scene(t);
    const { app, twin } = stage;
    await stage.reachedAt(ONE);
    assert.equal(app.reach?.address.webhookUrl, `${ONE}/voice/webhook`);
    const out = await call(stage, new Caller().answersAfter(50).says('Hello').hangsUp({ afterMs: 2_000 }));
    await over(stage, out);
    assert.deepEqual(heardIn(stage, out), [
      'agent: Good morning.',
      'caller: Hello',
      'agent: You said: Hello',
    ]);
    const person = new Caller().says('It is me').hangsUp({ afterMs: 2_000 });
    const theirs = twin.dialIn({ from: ALICE, to: OURS, voiceUrl: `${ONE}/voice/webhook`, person });
    await until(
      () => !theirs.isAlive,
      () => tell(theirs, twin.problems),
    );
    const [inbound] = app.phone.list(1);
    assert.deepEqual(heardIn(stage, inbound?.id ?? ''), [
      'agent: Hello, who is there?',
      'caller: It is me',
      'agent: You said: It is me',
    ]);
    assert.deepEqual(twin.problems, []);
    assert.ok(twin.ledger.hooks.every(({ url }) => url.startsWith(`${ONE}/voice/webhook`)));
  });

  it('that dies in a call and comes back elsewhere, the call goes on, and so does the next', async (t) => {
    const stage = await scene(t);
    const { app, twin } = stage;
    const { pid } = await stage.reachedAt(ONE);
    const patient = new Caller().answersAfter(50).says('Still there?', { afterMs: 6_000 });
    const id = await call(stage, patient.hangsUp({ afterMs: 2_000 }));
    const listens = (): boolean => app.phone.find(id)?.floor.kind === 'listening';
    await until(listens, () => 'the call never listened');
    process.kill(pid, 'SIGKILL');
    await until(
      () => app.reach?.address.trouble !== null,
      () => 'the death was not noticed',
    );
    assert.deepEqual(
      troublesOf(app).map(({ subject, code }) => `${subject} ${code}`),
      ['tunnel VC_TUNNEL_DOWN'],
    );
    const dialled = twin.calls.length;
    await assert.rejects(call(stage, null), {
      code: 'VC_TUNNEL_DOWN',
      message: 'The ngrok tunnel does not lead to us: it ended with SIGKILL',
    });
    assert.equal(twin.calls.length, dialled, 'nobody was dialled');
    await stage.reachedAt(TWO);
    await over(stage, id);
    const said = heardIn(stage, id);
    assert.ok(
      said.includes('caller: Still there?') && said.includes('agent: You said: Still there?'),
      said.join(),
    );
    const [moved, ...others] = troublesOf(app);
    assert.deepEqual([moved?.subject, moved?.code, others], ['number', 'VC_ADDRESS_MOVED', []]);
    assert.match(moved?.cure ?? '', /voicecall setup --fix/);
    app.reach?.numberLeadsTo(app.reach.address.webhookUrl);
    assert.deepEqual(troublesOf(app), []);
    const again = new Caller().answersAfter(50).says('Again').hangsUp({ afterMs: 2_000 });
    const next = await call(stage, again, '+15550005678');
    await over(stage, next);
    assert.equal(heardIn(stage, next).at(-1), 'agent: You said: Again');
  });

  it('that does not open, the telephone is there all the same, and says why it cannot call', async (t) => {
    const stage = await scene(t, { error: '108' });
    await assert.rejects(call(stage, null), {
      code: 'VC_TUNNEL_DOWN',
      message: /the account has as many agents running as it may \(ERR_NGROK_108\)$/,
    });
    const [trouble] = stage.app.health.troubles();
    assert.match(trouble?.cure ?? '', /End the other ngrok agent/);
    assert.deepEqual(stage.app.phone.list(5), [], 'no call is on record that never began');
    stage.tool.plan({ urls: [ONE] });
    await stage.reachedAt(ONE);
    await until(
      () => stage.app.reach?.address.trouble === null,
      () => 'it was not tried again',
    );
    const id = await call(stage, new Caller().answersAfter(50).says('Hello').hangsUp({ afterMs: 2_000 }));
    await over(stage, id);
    assert.equal(heardIn(stage, id).at(-1), 'agent: You said: Hello');
  });
});
