// Tests of the tunnel by the ngrok command: a stand-in that behaves like it, started as a real process.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { FakeTool, type OpenNgrok } from '../../sim/tunnels/tools.ts';
import type { NgrokSettings } from '../config/tunnel.ts';
import { systemClock } from '../lib/clock.ts';
import type { VoiceCallError } from '../lib/errors.ts';
import { ngrokCli } from './ngrok-cli.ts';
import type { OpenTunnel } from './tunnel.ts';

const TOKEN = 'secret-authtoken';

interface Opened {
  readonly tool: FakeTool;
  readonly tunnel: OpenTunnel;
  /** The next news: an address, or why there is none. */
  news(): Promise<string | VoiceCallError>;
}

function open(
  t: TestContext,
  plan: object = {},
  settings: Partial<NgrokSettings> = {},
  at = '127.0.0.1:9',
): Opened {
  const tool = new FakeTool('ngrok', plan);
  const told: (string | VoiceCallError)[] = [];
  let wake: () => void = () => undefined;
  const tell = (news: string | VoiceCallError): void => {
    told.push(news);
    wake();
  };
  const tunnel = ngrokCli({
    clock: systemClock,
    env: tool.env,
    settings: { kind: 'ngrok', authToken: TOKEN, domain: null, ...settings },
    door: { at, webhookPath: '/voice/webhook', streamPath: null },
    sdkFolder: '/store',
  }).open({ opened: tell, died: tell });
  t.after(async () => {
    await tunnel.close();
    tool.remove();
  });
  const news = async (): Promise<string | VoiceCallError> => {
    while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return told.shift() ?? '';
  };
  return { tool, tunnel, news };
}

async function failure(opened: Opened): Promise<VoiceCallError> {
  const news = await opened.news();
  assert.ok(typeof news !== 'string', String(news));
  return news;
}

describe('A tunnel by the ngrok command', () => {
  it('is open once the log says so, leads to our port, and changes nothing of the user', async (t) => {
    const server = createServer((_, response) => response.end('us'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opened = open(t, {}, {}, at);
    assert.equal(await opened.news(), 'https://sim.ngrok.example/voice/webhook');
    const { port } = opened.tool.read<OpenNgrok>('now.json') ?? { port: 0 };
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'us');
    assert.deepEqual(opened.tool.asked, [`http ${at} --log stdout --log-format json`]);
  });

  it('asks for its domain in the words its version knows', async (t) => {
    for (const [isNew, flag] of [
      [true, '--url https://a.ngrok.app'],
      [false, '--domain a.ngrok.app'],
    ] as const) {
      const opened = open(t, { isNew }, { domain: 'a.ngrok.app' });
      assert.equal(await opened.news(), 'https://a.ngrok.app/voice/webhook');
      assert.ok(opened.tool.asked.at(-1)?.endsWith(flag), opened.tool.asked.at(-1));
    }
  });

  it('follows another address, and tells when the program ends', async (t) => {
    const urls = ['https://one.example', 'https://two.example'];
    const opened = open(t, { urls });
    assert.equal(await opened.news(), 'https://one.example/voice/webhook');
    const { pid } = opened.tool.read<OpenNgrok>('now.json') ?? { pid: 0 };
    process.kill(pid, 'SIGUSR2');
    assert.equal(await opened.news(), 'https://two.example/voice/webhook');
    process.kill(pid, 'SIGKILL');
    assert.match(
      (await failure(opened)).message,
      /^The ngrok tunnel does not lead to us: it ended with SIGKILL$/,
    );
  });

  it('says which error of ngrok it met and what to do, and never the authtoken', async (t) => {
    const rows = [
      ['4018', /needs an account.*\(ERR_NGROK_4018\)/, /NGROK_AUTHTOKEN/],
      ['107', /authtoken is not valid any more/, /dashboard\.ngrok\.com/],
      ['334', /another agent is online/, /left one behind/],
      ['99999', /it refused \(ERR_NGROK_99999\)/, /err_ngrok_99999/],
    ] as const;
    for (const [error, message, cure] of rows) {
      const why = await failure(open(t, { error }));
      assert.match(why.message, message);
      assert.match(why.cure, cure);
      assert.doesNotMatch(`${why.message} ${why.cure}`, new RegExp(TOKEN));
    }
    const without = await failure(open(t, {}, { authToken: null }));
    assert.match(without.message, /ERR_NGROK_4018/);
  });

  it('names both ways to install it where it is missing', async () => {
    const lost: VoiceCallError = await new Promise((resolve) => {
      ngrokCli({
        clock: systemClock,
        env: { PATH: '/nowhere' },
        settings: { kind: 'ngrok', authToken: null, domain: null },
        door: { at: '127.0.0.1:9', webhookPath: '/', streamPath: null },
        sdkFolder: '/store',
      }).open({ opened: () => undefined, died: resolve });
    });
    assert.equal(lost.code, 'VC_TUNNEL_MISSING');
    assert.match(lost.cure, /npm install --prefix \/store @ngrok\/ngrok.*ngrok\.com\/download/);
  });

  it('is gone when it is closed, however it behaves', async (t) => {
    const opened = open(t);
    await opened.news();
    const { pid } = opened.tool.read<OpenNgrok>('now.json') ?? { pid: 0 };
    await opened.tunnel.close();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await open(t, { hangs: true }).tunnel.close();
  });
});
