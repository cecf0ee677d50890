// Tests of `expose`: what is shown through Tailscale by hand, what is printed, and that it is taken back.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { FakeTool } from '../../sim/tunnels/tools.ts';
import { systemClock } from '../lib/clock.ts';
import { type ExposeRequest, expose } from './expose.ts';

function scene(t: TestContext, config: object = {}, runningPort: number | null = null) {
  const tool = new FakeTool('tailscale');
  t.after(() => tool.remove());
  const run = (request: ExposeRequest) =>
    expose(request, { config, runningPort, clock: systemClock, env: tool.env });
  return { tool, run };
}

const twilio = { provider: 'twilio', streaming: { enabled: true } };

describe('voicecall expose', () => {
  it('shows the webhook and the streams to the internet, though the configuration is not complete', async (t) => {
    const { tool, run } = scene(t, twilio);
    assert.deepEqual(await run({ mode: 'funnel' }), {
      ok: true,
      mode: 'funnel',
      path: '/voice/webhook',
      streamPaths: ['/voice/stream'],
      localUrl: 'http://127.0.0.1:3334/voice/webhook',
      publicUrl: 'https://box.tail-sim.ts.net/voice/webhook',
      hint: {
        note: 'Set publicUrl to this address; where it is not reached, allow it at enableUrl',
        enableUrl: 'https://login.tailscale.com/f/funnel?node=nSIM',
      },
    });
    assert.deepEqual(await run({ mode: 'off' }), { ok: true, mode: 'off', path: '/voice/webhook' });
    assert.deepEqual(tool.read('serve.json'), { TCP: {}, Web: {}, AllowFunnel: {} });
  });

  it('takes paths and port as they are given, else as configured, the port of the telephone that runs first', async (t) => {
    const { run } = scene(
      t,
      { tailscale: { path: '/in', port: 8_443 }, serve: { port: 4_000, path: '/hook' } },
      5_000,
    );
    const shown = await run({ mode: 'serve' });
    assert.ok(shown.mode === 'serve');
    assert.equal(shown.localUrl, 'http://127.0.0.1:5000/hook');
    assert.equal(shown.publicUrl, 'https://box.tail-sim.ts.net:8443/in');
    assert.match(shown.hint.note, /no carrier does/);
    const given = await run({ mode: 'serve', path: 'out/', port: 6_000, servePath: 'own' });
    assert.ok(given.mode === 'serve');
    assert.deepEqual([given.path, given.localUrl], ['/out', 'http://127.0.0.1:6000/own']);
  });

  it('does not close what the configuration keeps open, and opens no port Funnel has not', async (t) => {
    const kept = scene(t, { ...twilio, tailscale: { mode: 'funnel' } });
    await assert.rejects(kept.run({ mode: 'off' }), /mode is not valid: the configuration keeps it open/);
    const barred = scene(t, { tailscale: { port: 444 } });
    await assert.rejects(
      barred.run({ mode: 'funnel' }),
      /Tailscale Funnel HTTPS port must be one of 443, 8443, 10000/,
    );
    assert.ok(![...kept.tool.asked, ...barred.tool.asked].some((asked) => /--bg|off$/.test(asked)));
  });
});
