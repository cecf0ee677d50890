// Tests of ways in through Tailscale: a stand-in for its command, and what others set up there stays as it is.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { FakeTool } from '../../sim/tunnels/tools.ts';
import type { TailscaleSettings } from '../config/tunnel.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { VoiceCallError } from '../lib/errors.ts';
import { tailscale } from './tailscale.ts';
import type { LocalDoor, OpenTunnel } from './tunnel.ts';

const AT = 'box.tail-sim.ts.net:443';
const door: LocalDoor = { at: '127.0.0.1:3334', webhookPath: '/voice/webhook', streamPath: '/voice/stream' };
const funnel: TailscaleSettings = { kind: 'tailscale', mode: 'funnel', path: '/voice/webhook', port: 443 };
const ours = {
  '/voice/webhook': { Proxy: 'http://127.0.0.1:3334/voice/webhook' },
  '/voice/stream': { Proxy: 'http://127.0.0.1:3334/voice/stream' },
};

interface Shown {
  readonly Web?: Record<string, { Handlers: Record<string, { Proxy: string }> }>;
  readonly AllowFunnel?: Record<string, boolean>;
}

interface Scene {
  readonly tool: FakeTool;
  readonly tunnel: OpenTunnel;
  readonly news: Promise<string | VoiceCallError>;
  handlers(): object;
}

function open(
  t: TestContext,
  { plan = {}, shown = {}, settings = {}, clock = systemClock }: Partial<Stage> = {},
): Scene {
  const tool = new FakeTool('tailscale', plan);
  t.after(() => tool.remove());
  tool.write('serve.json', shown);
  let tell: (news: string | VoiceCallError) => void = () => undefined;
  const news = new Promise<string | VoiceCallError>((resolve) => (tell = resolve));
  const tunnel = tailscale({ clock, env: tool.env, settings: { ...funnel, ...settings }, door }).open({
    opened: tell,
    died: tell,
  });
  const handlers = (): object => tool.read<Shown>('serve.json')?.Web?.[AT]?.Handlers ?? {};
  return { tool, tunnel, news, handlers };
}

interface Stage {
  readonly plan: object;
  readonly shown: Shown & { readonly TCP?: object };
  readonly settings: Partial<TailscaleSettings>;
  readonly clock: Clock;
}

async function refusal({ news }: Scene): Promise<VoiceCallError> {
  const why = await news;
  assert.ok(typeof why !== 'string', String(why));
  return why;
}

describe('A way in through Tailscale', () => {
  it('shows the webhook and the streams, and takes exactly that back', async (t) => {
    const scene = open(t);
    assert.equal(await scene.news, 'https://box.tail-sim.ts.net/voice/webhook');
    assert.deepEqual(scene.handlers(), ours);
    assert.deepEqual(scene.tool.read<Shown>('serve.json')?.AllowFunnel, { [AT]: true });
    assert.deepEqual(scene.tool.asked.slice(2), [
      'funnel --bg --yes --https=443 --set-path=/voice/webhook http://127.0.0.1:3334/voice/webhook',
      'funnel --bg --yes --https=443 --set-path=/voice/stream http://127.0.0.1:3334/voice/stream',
    ]);
    await scene.tunnel.close();
    assert.deepEqual(scene.tool.read('serve.json'), { TCP: {}, Web: {}, AllowFunnel: {} });
    assert.ok(scene.tool.asked.at(-1)?.endsWith('--set-path=/voice/stream off'));
  });

  it('shows the streams behind the same prefix, on the port that is set, to the tailnet only', async (t) => {
    const settings = { mode: 'serve', path: '/in/voice/webhook', port: 8_443 } as const;
    const scene = open(t, { settings });
    assert.equal(await scene.news, 'https://box.tail-sim.ts.net:8443/in/voice/webhook');
    const { Web = {}, AllowFunnel } = scene.tool.read<Shown>('serve.json') ?? {};
    assert.deepEqual(Object.keys(Web['box.tail-sim.ts.net:8443']?.Handlers ?? {}), [
      '/in/voice/webhook',
      '/in/voice/stream',
    ]);
    assert.deepEqual(AllowFunnel, {});
    await scene.tunnel.close();
  });

  it('leaves what was there before us, ours and others', async (t) => {
    const Handlers = {
      '/photos': { Proxy: 'http://127.0.0.1:80' },
      '/voice/webhook': ours['/voice/webhook'],
    };
    const shown = { TCP: { 443: { HTTPS: true } }, Web: { [AT]: { Handlers } }, AllowFunnel: { [AT]: true } };
    const scene = open(t, { shown });
    await scene.news;
    assert.deepEqual(scene.handlers(), { ...Handlers, ...ours });
    await scene.tunnel.close();
    assert.deepEqual(scene.handlers(), Handlers);
  });

  it('does not take back what somebody else has led elsewhere since', async (t) => {
    const scene = open(t);
    await scene.news;
    const elsewhere = { ...ours, '/voice/webhook': { Proxy: 'http://127.0.0.1:9999' } };
    scene.tool.write('serve.json', { Web: { [AT]: { Handlers: elsewhere } } });
    await scene.tunnel.close();
    assert.deepEqual(scene.handlers(), { '/voice/webhook': { Proxy: 'http://127.0.0.1:9999' } });
  });

  const taken: [
    what: string,
    shown: Stage['shown'],
    settings: Partial<TailscaleSettings>,
    message: RegExp,
  ][] = [
    [
      'a path that leads elsewhere',
      { Web: { [AT]: { Handlers: { '/voice/stream': { Proxy: 'http://127.0.0.1:5000' } } } } },
      {},
      /already leads \/voice\/stream on port 443 to http:\/\/127\.0\.0\.1:5000/,
    ],
    [
      'a port that is not for paths',
      { TCP: { 443: { TCPForward: '127.0.0.1:22' } } },
      {},
      /leads all of port 443/,
    ],
    [
      'a port that only the tailnet sees',
      { Web: { [AT]: { Handlers: { '/photos': { Proxy: 'http://127.0.0.1:80' } } } } },
      {},
      /shows \/photos on port 443 to the tailnet alone, and ours would turn that to the internet/,
    ],
    [
      'a port the internet sees',
      {
        Web: { [AT]: { Handlers: { '/blog': { Proxy: 'http://127.0.0.1:80' } } } },
        AllowFunnel: { [AT]: true },
      },
      { mode: 'serve' },
      /shows \/blog on port 443 to the internet, and ours would turn that to the tailnet alone/,
    ],
  ];
  for (const [what, shown, settings, message] of taken) {
    it(`refuses ${what}, and changes nothing`, async (t) => {
      const scene = open(t, { shown, settings });
      const why = await refusal(scene);
      assert.equal(why.code, 'VC_TUNNEL_TAKEN');
      assert.match(why.message, message);
      assert.match(why.cure, /left as it is/);
      await scene.tunnel.close();
      assert.deepEqual(scene.tool.read('serve.json'), shown);
      assert.ok(!scene.tool.asked.some((asked) => /--bg|off$/.test(asked)));
    });
  }

  it('is all or nothing', async (t) => {
    const scene = open(t, { plan: { failsAt: '/voice/stream' } });
    assert.match((await refusal(scene)).message, /Tailscale Funnel .* this path cannot be shown/);
    await scene.tunnel.close();
    assert.deepEqual(scene.handlers(), {});
  });

  it('says where it is enabled, though the command waits for somebody to go there', async (t) => {
    const clock = new HandClock();
    const scene = open(t, { plan: { isDisabled: true }, clock });
    while (scene.tool.asked.length < 3) await settle(5);
    await settle(100);
    await clock.advance(10_000);
    const why = await refusal(scene);
    assert.match(why.message, /it is not enabled for this machine/);
    assert.match(why.cure, /https:\/\/login\.tailscale\.com\/f\/funnel\?node=nSIM/);
  });

  it('says that Tailscale is not connected, or not installed', async (t) => {
    const why = await refusal(open(t, { plan: { state: 'NeedsLogin' } }));
    assert.match(`${why.message} ${why.cure}`, /not connected \(NeedsLogin\) Run "tailscale up"/);
    const missing: VoiceCallError = await new Promise((resolve) => {
      const deps = { clock: systemClock, env: { PATH: '/nowhere' }, settings: funnel, door };
      tailscale(deps).open({ opened: () => undefined, died: resolve });
    });
    assert.equal(missing.code, 'VC_TUNNEL_MISSING');
    assert.match(missing.cure, /tailscale\.com\/download/);
  });
});
