// Tests of the options of tunnels: which way in is chosen, with what, and what is refused or doubted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from './parse.ts';
import { CONFIG_PATH } from './schema.ts';
import type { Settings } from './settings.ts';

const twilio = {
  provider: 'twilio',
  fromNumber: '+15550001234',
  twilio: { accountSid: 'AC1', authToken: 'secret' },
};

function settingsOf(raw: object, env: Readonly<Record<string, string>> = {}): Settings {
  const parsed = parseConfig({ ...twilio, ...raw }, env);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.join('; '));
  return parsed.settings;
}

function problemsOf(raw: object): readonly string[] {
  const parsed = parseConfig({ ...twilio, ...raw }, {});
  return parsed.ok ? [] : parsed.problems;
}

function noticesOf(raw: object): readonly string[] {
  const parsed = parseConfig({ ...twilio, ...raw }, {});
  assert.ok(parsed.ok);
  return parsed.notices;
}

describe('The way in', () => {
  it('is ngrok with what the configuration says, and the environment where that is silent', () => {
    const env = { NGROK_AUTHTOKEN: 'token-env', NGROK_DOMAIN: 'env.ngrok.app' };
    const written = { provider: 'ngrok', ngrokAuthToken: 'token', ngrokDomain: 'a.ngrok.app' };
    assert.deepEqual(settingsOf({ tunnel: written }, env).tunnel, {
      kind: 'ngrok',
      authToken: 'token',
      domain: 'a.ngrok.app',
    });
    assert.deepEqual(settingsOf({ tunnel: { provider: 'ngrok' } }, env).tunnel, {
      kind: 'ngrok',
      authToken: 'token-env',
      domain: 'env.ngrok.app',
    });
    assert.deepEqual(settingsOf({ tunnel: { provider: 'ngrok' } }).tunnel, {
      kind: 'ngrok',
      authToken: null,
      domain: null,
    });
  });

  it('is Tailscale by either key, with the path of the webhook unless another is set', () => {
    const serve = { path: '/hook/' };
    const funnel = { kind: 'tailscale', mode: 'funnel', path: '/hook', port: 443 };
    assert.deepEqual(settingsOf({ serve, tailscale: { mode: 'funnel' } }).tunnel, funnel);
    assert.deepEqual(settingsOf({ serve, tunnel: { provider: 'tailscale-funnel' } }).tunnel, funnel);
    const own = { tailscale: { mode: 'serve', path: 'in/', port: 4_443 } };
    assert.deepEqual(settingsOf({ serve, ...own }).tunnel, {
      kind: 'tailscale',
      mode: 'serve',
      path: '/in',
      port: 4_443,
    });
  });

  it('is the public address before a tunnel, and a tunnel before tailscale', () => {
    const both = { tunnel: { provider: 'ngrok' }, tailscale: { mode: 'funnel' } };
    assert.equal(settingsOf(both).tunnel?.kind, 'ngrok');
    assert.match(noticesOf(both).join(), /tailscale\.mode is not used: tunnel\.provider "ngrok" wins/);
    const all = { ...both, publicUrl: 'https://voice.example.com/voice/webhook' };
    assert.equal(settingsOf(all).tunnel, null);
    assert.match(noticesOf(all).join(), /tunnel\.provider opens nothing: publicUrl is set and wins/);
  });

  it('through Funnel has one of three ports, and through Serve any', () => {
    const expected = `${CONFIG_PATH}.tailscale.port is 444: Tailscale Funnel HTTPS port must be one of 443, 8443, 10000`;
    assert.deepEqual(problemsOf({ tailscale: { mode: 'funnel', port: 444 } }), [expected]);
    const tunnel = { provider: 'tailscale-funnel' };
    assert.deepEqual(problemsOf({ tunnel, tailscale: { port: 444 } }), [expected]);
    for (const port of [443, 8_443, 10_000]) {
      assert.deepEqual(problemsOf({ tailscale: { mode: 'funnel', port } }), []);
    }
    assert.deepEqual(problemsOf({ tailscale: { mode: 'serve', port: 444 } }), []);
  });

  it('that only the tailnet can take is allowed, and said to be no way in for a carrier', () => {
    for (const raw of [{ tailscale: { mode: 'serve' } }, { tunnel: { provider: 'tailscale-serve' } }]) {
      assert.match(noticesOf(raw).join(), /only your own tailnet reaches it, no carrier does\. Use funnel$/);
    }
    assert.deepEqual(noticesOf({ tailscale: { mode: 'funnel' } }), []);
  });

  it('is not opened for a carrier that has no port, and that is said', () => {
    const notices = noticesOf({ provider: 'mock', tunnel: { provider: 'ngrok' } });
    assert.match(notices.join(), /tunnel\.provider opens nothing: the mock carrier has no port/);
  });

  it('never shows the authtoken, and needs it resolved', () => {
    const wrong = problemsOf({ tunnel: { provider: 'ngrok', ngrokAuthToken: 12_345 } });
    assert.match(wrong[0] ?? '', /ngrokAuthToken is not valid/);
    assert.doesNotMatch(wrong.join(), /12345/);
    const ngrokAuthToken = { source: 'env', provider: 'default', id: 'NGROK' };
    assert.match(
      problemsOf({ tunnel: { provider: 'ngrok', ngrokAuthToken } }).join(),
      /tunnel\.ngrokAuthToken is not known: its SecretRef could not be resolved/,
    );
  });

  it('lets forwarding headers of this machine be believed with ngrok only', () => {
    const allowNgrokFreeTierLoopbackBypass = true;
    const trusts = (raw: object): boolean => settingsOf(raw).forwarding.trustLoopback;
    assert.equal(trusts({ tunnel: { provider: 'ngrok', allowNgrokFreeTierLoopbackBypass } }), true);
    assert.equal(trusts({ tunnel: { provider: 'ngrok' } }), false);
    const other = { tunnel: { provider: 'tailscale-funnel', allowNgrokFreeTierLoopbackBypass } };
    assert.equal(trusts(other), false);
    assert.match(noticesOf(other).join(), /Bypass has no effect/);
  });

  it('is refused where signatures are not checked', () => {
    const raw = {
      skipSignatureVerification: true,
      tunnel: { provider: 'ngrok' },
      twilio: { ...twilio.twilio, apiBaseUrl: 'http://127.0.0.1:9' },
    };
    assert.match(problemsOf(raw).join(), /skipSignatureVerification is refused: .*the ngrok tunnel/);
  });
});
