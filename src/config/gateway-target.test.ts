// Tests of GatewayTarget: the same file and environment OpenClaw's own commands read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { VoiceCallError } from '../lib/errors.ts';
import { type LocalSetup, locateGateway } from './gateway-target.ts';
import type { Env } from './parse.ts';

describe('the way to the Gateway', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'voicecall-target-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function locate(config: string | object | null, env: Env = {}): LocalSetup {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    if (config !== null) writeFileSync(join(folder, 'openclaw.json'), text);
    return locateGateway({ HOME: folder, OPENCLAW_STATE_DIR: folder, ...env });
  }

  it('without a file is the default port on this machine', () => {
    assert.deepEqual(locate(null), {
      gateway: { url: 'ws://127.0.0.1:18789', token: null, password: null },
      storeDir: join(folder, 'voice-calls'),
      plugin: {},
    });
  });

  it('gives what the file says of the plugin, with the secrets only the Gateway can read taken as there', () => {
    const ref = (source: string): object => ({ source, provider: 'default', id: 'TOKEN' });
    const twilio = { authToken: ref('env'), accountSid: ref('store'), region: 'ie1' };
    const entry = { enabled: false, config: { provider: 'twilio', twilio, allowFrom: ['+15550001234'] } };
    const { plugin } = locate({ plugins: { entries: { 'voice-call': entry } } }, { TOKEN: 'from env' });
    assert.deepEqual(plugin, {
      provider: 'twilio',
      twilio: { authToken: 'from env', accountSid: 'secret', region: 'ie1' },
      allowFrom: ['+15550001234'],
      enabled: false,
    });
  });

  it('is found in a file with comments, bare keys and trailing commas', () => {
    const { gateway } = locate(`{
      // the Gateway
      gateway: { port: 28789, auth: { mode: 'token', token: 'secret', }, },
    }`);
    assert.deepEqual(gateway, { url: 'ws://127.0.0.1:28789', token: 'secret', password: null });
  });

  it('the environment names the port; the token of the file is for the Gateway of the file', () => {
    const config = { gateway: { port: 1_111, auth: { token: 'of-file' } } };
    assert.equal(locate(config, { OPENCLAW_GATEWAY_PORT: '2222' }).gateway.url, 'ws://127.0.0.1:2222');
    assert.equal(locate(config, { OPENCLAW_GATEWAY_TOKEN: 'of-env' }).gateway.token, 'of-file');
    assert.equal(locate({}, { OPENCLAW_GATEWAY_TOKEN: 'of-env' }).gateway.token, 'of-env');
    const elsewhere = locate(config, { OPENCLAW_GATEWAY_URL: 'wss://gateway.example.com' }).gateway;
    assert.deepEqual(elsewhere, { url: 'wss://gateway.example.com', token: null, password: null });
  });

  it('a secret may stand in the environment and be named in the file', () => {
    const env = { MY_TOKEN: 'kept-apart' };
    const ref = { source: 'env', provider: 'default', id: 'MY_TOKEN' };
    for (const token of [`\${MY_TOKEN}`, '$MY_TOKEN', ref]) {
      assert.equal(locate({ gateway: { auth: { token } } }, env).gateway.token, 'kept-apart');
    }
    const elsewhere = { source: 'file', provider: 'vault', id: '/x' };
    assert.equal(locate({ gateway: { auth: { token: elsewhere } } }, env).gateway.token, null);
  });

  it('a remote Gateway is used when the file says so', () => {
    const remote = { url: 'wss://gateway.example.com', token: 'theirs' };
    const auth = { token: 'own' };
    assert.deepEqual(locate({ gateway: { mode: 'remote', remote, auth } }).gateway, {
      ...remote,
      password: null,
    });
    assert.equal(locate({ gateway: { mode: 'local', remote, auth } }).gateway.url, 'ws://127.0.0.1:18789');
  });

  it('never sends a token over the internet in the clear', () => {
    const refused = { OPENCLAW_GATEWAY_URL: 'ws://gateway.example.com:18789' };
    assert.throws(() => locate({}, refused), isConfigError(/unencrypted; use wss/));
    for (const url of ['ws://10.0.0.2:1', 'ws://box.local:1', 'ws://box.tail.ts.net:1', 'ws://localhost:1']) {
      assert.equal(locate({}, { OPENCLAW_GATEWAY_URL: url }).gateway.url, url);
    }
  });

  it('says in one sentence what is wrong with the file or the port', () => {
    assert.throws(() => locate('{ gateway: '), isConfigError(/is not valid JSON5/));
    assert.throws(() => locate({}, { OPENCLAW_GATEWAY_PORT: 'abc' }), isConfigError(/port abc is not/));
    assert.throws(() => locate({}, { OPENCLAW_GATEWAY_URL: 'http://x' }), isConfigError(/ws:\/\/ or wss/));
  });

  it('finds the call store where the plugin keeps it', () => {
    const withStore = (store: string): object => ({
      plugins: { entries: { 'voice-call': { config: { store } } } },
    });
    assert.equal(locate(withStore('~/calls')).storeDir, join(folder, 'calls'));
    assert.equal(locate(withStore('/var/calls')).storeDir, '/var/calls');
  });

  it('follows a profile and a named config file', () => {
    const { storeDir } = locateGateway({ HOME: folder, OPENCLAW_PROFILE: 'work' });
    assert.equal(storeDir, join(folder, '.openclaw-work', 'voice-calls'));
    writeFileSync(join(folder, 'other.json'), '{"gateway": {"port": 4321}}');
    const named = locateGateway({ HOME: folder, OPENCLAW_CONFIG_PATH: join(folder, 'other.json') });
    assert.equal(named.gateway.url, 'ws://127.0.0.1:4321');
  });

  it('a file of the wrong shape is as good as none', () => {
    for (const text of [
      '[]',
      '"x"',
      '{"gateway": 5}',
      '{"gateway": {"auth": ["x"]}}',
      '{"__proto__": {"gateway": 1}}',
    ]) {
      assert.equal(locate(text).gateway.url, 'ws://127.0.0.1:18789');
    }
  });
});

function isConfigError(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof VoiceCallError && error.code === 'VC_GATEWAY_CONFIG' && message.test(error.message);
}
