// Stories of `voicecall setup --fix` and `voicecall smoke`: what is shown, asked, done and refused.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import type { OwnedNumber } from '../../sim/twilio/numbers.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { openSetup, type SetupStage } from './setup-stage.ts';

const OURS = '+15550005678';
const ALICE = '+15550001234';
const PUBLIC_URL = 'https://voice.example.test/voice/webhook';
const TWILIO = { accountSid: `AC${'0123456789abcdef'.repeat(2)}`, authToken: 'throw-away-token' };
const QUICK = { clock: systemClock, msPerChar: 2, dialDelayMs: 20, ringDelayMs: 20 };

interface Open {
  readonly twin: TwilioTwin;
  readonly stage: SetupStage;
  readonly number: () => OwnedNumber;
  readonly changed: () => number;
}

async function open(test: TestContext, number: Partial<OwnedNumber> = {}): Promise<Open> {
  const twin = new TwilioTwin({ ...QUICK, ...TWILIO });
  await twin.listen();
  test.after(() => twin.close());
  twin.numbers.add(OURS, number);
  const stage = await openSetup(test, {
    provider: 'twilio',
    twilio: { ...TWILIO, apiBaseUrl: twin.apiBaseUrl },
    fromNumber: OURS,
    publicUrl: PUBLIC_URL,
    serve: { port: 0 },
    inboundPolicy: 'open',
    outbound: { notifyHangupDelaySec: 0 },
  });
  const { log } = stage;
  const port = Number(log.lines.findLast(({ fields }) => fields['port'] !== undefined)?.fields['port']);
  twin.tunnel('https://voice.example.test', `http://127.0.0.1:${port}`);
  const isNumber = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'POST' && path.includes('IncomingPhoneNumbers');
  return {
    twin,
    stage,
    number: () => twin.numbers.get(OURS)!,
    changed: () => twin.ledger.requests.filter(isNumber).length,
  };
}

const yes = [[/^Change this at the carrier/, 'y']] as const;
const no = [[/^Change this at the carrier/, '']] as const;

describe('setup --fix', () => {
  it('shows every setting before and after, changes them when told to, and nothing else', async (test) => {
    const { stage, number, changed } = await open(test, { voice_fallback_url: 'https://own.example.test' });
    const before = number();
    const out = await stage.command(['setup', '--fix'], yes);
    assert.match(
      out,
      /A call comes in \(Webhook URL\)\n {4}now: {2}https:\/\/demo\.twilio\.com\S+\n {4}then: https:\/\/voice/,
    );
    assert.match(out, /Call status changes \(URL\)\n {4}now: {2}\(empty\)/);
    assert.match(out, /Done: 2 settings changed/);
    assert.equal(changed(), 1);
    assert.deepEqual(stage.leads, [PUBLIC_URL]);
    assert.deepEqual(number(), { ...before, voice_url: PUBLIC_URL, status_callback: PUBLIC_URL });
    assert.match(await stage.command(['setup', '--fix']), /Nothing to do/);
    assert.deepEqual(stage.leads, [PUBLIC_URL, PUBLIC_URL], 'also when somebody had put it right by hand');
  });

  it('changes nothing when the person says no, or nobody can be asked', async (test) => {
    const { stage, changed } = await open(test);
    assert.match(await stage.command(['setup', '--fix'], no), /Nothing was changed: you did not want it/);
    assert.equal(stage.exitCode, 1);
    assert.match(await stage.command(['setup', '--fix']), /nobody could be asked.*add --yes/);
    assert.match(await stage.command(['setup', '--fix', '--json']), /nobody could be asked.*add --yes/);
    assert.equal(changed(), 0);
  });

  it('takes a number from something else only when that is confirmed too', async (test) => {
    const { stage, number, changed } = await open(test, { trunk_sid: 'TK1' });
    const refused = await stage.command(['setup', '--fix', '--yes']);
    assert.match(refused, /Nothing was changed: the number belongs to the SIP trunk TK1.*--even-if-bound/);
    assert.deepEqual([stage.exitCode, changed()], [1, 0]);
    const asked = await stage.command(['setup', '--fix'], no);
    assert.match(asked, /Beware: the number belongs to the SIP trunk TK1/);
    assert.equal(changed(), 0);
    const out = JSON.parse(await stage.command(['setup', '--fix', '--yes', '--even-if-bound', '--json']));
    assert.equal(out.ok, true);
    assert.deepEqual([number().trunk_sid, number().voice_url], ['', PUBLIC_URL]);
  });

  it('does not do what was not shown, when the carrier has other settings by now', async (test) => {
    const { stage, twin, changed } = await open(test);
    const setup = stage.setup();
    const plan = await setup.plan();
    assert.equal(plan.kind, 'changes');
    twin.numbers.add(OURS, { voice_application_sid: 'AP1' });
    const agreed = plan.kind === 'changes' ? plan.changes : [];
    const done = await setup.repair({ agreed, despite: false });
    assert.match(done.ok ? '' : done.why, /have changed since they were shown/);
    assert.equal(changed(), 0);
  });

  it('says what the carrier says when it refuses, and what to enter by hand', async (test) => {
    const { stage, twin } = await open(test);
    const setup = stage.setup();
    const plan = await setup.plan();
    await twin.goOffline();
    const later = await stage.command(['setup', '--fix', '--yes']);
    assert.match(later, /Twilio could not be asked/);
    const done = await setup.repair({ agreed: plan.kind === 'changes' ? plan.changes : [], despite: false });
    assert.equal(done.ok, false);
  });

  it('needs a number of ours', async (test) => {
    const { stage } = await open(test);
    stage.config = { ...stage.config, fromNumber: '+15559999999' };
    assert.match(await stage.command(['setup', '--fix', '--yes']), /not a number of this Twilio account/);
  });
});

describe('smoke', () => {
  async function ready(test: TestContext): Promise<Open> {
    return open(test, { voice_url: PUBLIC_URL, status_callback: PUBLIC_URL });
  }

  it('calls nobody without --to and --yes', async (test) => {
    const { stage, twin } = await ready(test);
    assert.match(await stage.command(['smoke']), /^Voice Call setup: OK\n[\s\S]*live-call: skipped/);
    assert.match(await stage.command(['smoke', '--to', ALICE]), /live-call: dry run for \+15550001234/);
    const { ok, liveCall, wouldCall } = JSON.parse(await stage.command(['smoke', '-t', ALICE, '--json']));
    assert.deepEqual({ ok, liveCall, wouldCall }, { ok: true, liveCall: false, wouldCall: ALICE });
    assert.equal(twin.calls.length, 0);
    assert.equal(stage.exitCode, 0);
  });

  it('calls, waits for the end, and says what was heard', async (test) => {
    const { stage, twin } = await ready(test);
    const alice = twin.expect(ALICE, new Caller().answersAfter(20));
    const out = await stage.command(['smoke', '--to', ALICE, '--yes']);
    assert.match(out, /live-call: started \S+\nlive-call: OK\naudio: said 1, heard to the end 1/);
    assert.equal(alice.heard[0]?.text, 'OpenClaw voice call smoke test.');
    assert.equal(stage.exitCode, 0);
  });

  it('is not ok when nobody answers, or the message is not heard', async (test) => {
    const { stage, twin } = await ready(test);
    twin.expect(ALICE, new Caller().busy());
    assert.match(await stage.command(['smoke', '--to', ALICE, '--yes']), /nobody answered \(busy\)/);
    assert.equal(stage.exitCode, 1);
  });

  it('stops after a set-up that is not ready', async (test) => {
    const { stage, twin } = await open(test);
    const out = JSON.parse(await stage.command(['smoke', '--to', ALICE, '--yes', '--json']));
    assert.equal(out.ok, false);
    assert.equal(out.setup.ok, false);
    assert.deepEqual([stage.exitCode, twin.calls.length], [1, 0]);
  });
});
