// Tests of tunnels.ts: by hand, too, the configuration counts as it stands now, and not as it stood at the start.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeTool } from '../../sim/tunnels/tools.ts';
import { exposing } from './tunnels.ts';

type Api = Parameters<typeof exposing>[0];

it('voicecall.expose goes by the configuration of the moment', async (t) => {
  const tool = new FakeTool('tailscale');
  const before = Object.keys(tool.env).map((name) => [name, process.env[name] ?? ''] as const);
  Object.assign(process.env, tool.env);
  t.after(() => {
    Object.assign(process.env, Object.fromEntries(before));
    tool.remove();
  });
  const config = { tailscale: { path: '/edited' } };
  const current = (): object => ({ plugins: { entries: { 'voice-call': { config } } } });
  const api: unknown = { pluginConfig: { tailscale: { path: '/old' } }, runtime: { config: { current } } };
  const shown = await exposing(api as Api)({ mode: 'off' });
  assert.deepEqual(shown, { ok: true, mode: 'off', path: '/edited' });
});
