// Tests of the tunnel by ngrok's library: a stand-in module, found where somebody installed it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { settle } from '../../sim/hand-clock.ts';
import { findNgrokSdk, type NgrokSdk, ngrokSdk } from './ngrok-sdk.ts';

type Forwarded = Parameters<NgrokSdk['forward']>[0];

function library(forward: NgrokSdk['forward']) {
  const told: string[] = [];
  const tunnel = ngrokSdk({
    sdk: { forward },
    settings: { kind: 'ngrok', authToken: 'secret-authtoken', domain: 'a.ngrok.app' },
    door: { at: '127.0.0.1:3334', webhookPath: '/voice/webhook', streamPath: null },
    env: {},
  });
  const open = () =>
    tunnel.open({ opened: (url) => told.push(url), died: ({ message }) => told.push(message) });
  return { told, open };
}

describe('A tunnel by the library of ngrok', () => {
  it('leads to our port, says where from, and is closed', async () => {
    const asked: Forwarded[] = [];
    let closed = 0;
    const close = async (): Promise<void> => {
      closed += 1;
    };
    const { told, open } = library(async (config) => {
      asked.push(config);
      return { url: () => 'https://a.ngrok.app', close };
    });
    const tunnel = open();
    await settle(2);
    assert.deepEqual(told, ['https://a.ngrok.app/voice/webhook']);
    const [{ onStatusChange, ...rest } = { addr: '' }] = asked;
    assert.deepEqual(rest, { addr: '127.0.0.1:3334', authtoken: 'secret-authtoken', domain: 'a.ngrok.app' });
    await tunnel.close();
    assert.equal(closed, 1);
    onStatusChange?.('closed');
    assert.equal(told.length, 1, 'nothing is told of a tunnel that was taken down');
    open();
    assert.equal(asked[1]?.force_new_session, true, 'a broken session is not used again');
  });

  it('is dead when its connection is lost', async () => {
    let change: Forwarded['onStatusChange'];
    const { told, open } = library(async (config) => {
      change = config.onStatusChange;
      return { url: () => 'https://a.ngrok.app', close: async () => undefined };
    });
    open();
    await settle(2);
    change?.('connected');
    change?.('closed');
    change?.('closed');
    assert.deepEqual(told.slice(1), ['The ngrok tunnel does not lead to us: its connection was lost']);
  });

  it('says which error it met, and never the authtoken', async () => {
    const { told, open } = library(async () => {
      throw new Error('Your authtoken: secret-authtoken ERR_NGROK_105');
    });
    await open().close();
    await settle(2);
    open();
    await settle(2);
    assert.match(
      told.join(),
      /^The ngrok tunnel does not lead to us: the authtoken is none \(ERR_NGROK_105\)$/,
    );
  });

  it('is found where it is installed, and only there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'voice-call-sdk-'));
    const module = join(folder, 'node_modules', '@ngrok', 'ngrok');
    assert.equal(findNgrokSdk([folder]), null);
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, 'index.js'), 'throw new Error("its binary is for another machine");');
    assert.equal(findNgrokSdk([folder]), null);
    const other = mkdtempSync(join(tmpdir(), 'voice-call-sdk-'));
    const good = join(other, 'node_modules', '@ngrok', 'ngrok');
    mkdirSync(good, { recursive: true });
    writeFileSync(join(good, 'index.js'), 'module.exports = { forward: async () => null };');
    assert.equal(typeof findNgrokSdk([folder, other])?.forward, 'function');
    for (const one of [folder, other]) rmSync(one, { recursive: true });
  });
});
