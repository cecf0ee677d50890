// What the host says of us: its validator, doctor and security audit on the packed plugin, and what a typo costs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseConfig } from '../../src/config/parse.ts';
import { Home } from './home.ts';

const TWILIO = {
  provider: 'twilio',
  fromNumber: '+15550001111',
  publicUrl: 'https://voice.example.com/voice/webhook',
  twilio: {
    accountSid: 'AC123',
    authToken: { source: 'env', provider: 'default', id: 'PHONE_TOKEN' },
  },
  inboundPolicy: 'allowlist',
  allowFrom: ['+15550002222'],
};

/** Every shape of old at once. */
const OLD = {
  provider: 'log',
  twilio: {
    accountSid: 'AC123',
    authToken: { source: 'env', provider: 'default', id: 'PHONE_TOKEN' },
    from: '+15550002222',
  },
  streaming: {
    sttProvider: 'openai',
    openaiApiKey: { source: 'env', provider: 'default', id: 'OLD_KEY' },
    sttModel: 'gpt-4o-transcribe',
    silenceDurationMs: 700,
    vadThreshold: 0.4,
  },
  realtime: { agentContext: { includeSystemPrompt: true } },
  tts: {
    enabled: true,
    provider: 'edge',
    openai: { voice: 'nova', model: 'tts-1' },
    elevenlabs: { voiceId: 'v1' },
    edge: { voice: 'amy' },
    microsoft: { speed: 1 },
    providers: { openai: { model: 'new' } },
  },
  numbers: { '+15550003333': { tts: { enabled: false, openai: { voice: 'coral' } } } },
};

/** What the host says of any plugin that was installed and has a tool, whatever it is. */
const OF_ANY_PLUGIN = ['plugins.extensions_no_allowlist', 'plugins.tools_reachable_permissive_policy'];

interface Finding {
  readonly checkId: string;
  readonly title: string;
  readonly detail?: string;
}

describe('The host, asked about the packed plugin', () => {
  let home: Home;

  const ours = (): unknown => {
    const text = readFileSync(path.join(home.stateDir, 'openclaw.json'), 'utf8');
    const { plugins } = JSON.parse(text) as {
      plugins: { entries: Readonly<Record<string, { readonly config: unknown }>> };
    };
    return plugins.entries['voice-call']?.config;
  };
  const audit = async (): Promise<readonly Finding[]> => {
    const { stdout } = await home.openclaw('security', 'audit', '--json');
    return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
  };

  before(async () => {
    const { home: installed, installed: result } = await Home.install({
      // Not TWILIO_AUTH_TOKEN: the host takes it as a wish for its SMS channel, and looks for that on npm.
      env: { PHONE_TOKEN: 'f00dface', OLD_KEY: 'sk-old' },
    });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    await home.reconfigure(TWILIO);
  });
  after(() => home?.remove());

  // First: once doctor has written a long configuration, the host takes a short one for a damaged file and undoes it.
  it('starts its Gateway whatever we are told, and our telephone says once what is wrong', async () => {
    const bad = {
      provider: 'twillio',
      ringTimeoutMs: 5,
      maxConcurrentCalls: 'two',
      allowFrom: '+15550002222',
      fromNumbr: '+15550001111',
      outbound: { defaultMod: 'notify' },
    };
    await home.start(bad, { answers: false });
    await home.logged(/the telephone is not started/);
    const lines = home.log.split('\n').filter((line) => line.includes('the telephone is not started'));
    assert.equal(lines.length, 1);
    for (const said of [
      'provider is "twillio": it must be one of "twilio", "telnyx", "plivo", "mock"',
      'ringTimeoutMs is 5: it must be at least 1000',
      'maxConcurrentCalls is "two": it must be a number',
      'allowFrom is "+15550002222": it must be a list',
      'fromNumbr is not a known option. The nearest known one is "fromNumber"',
      'outbound.defaultMod is not a known option. The nearest known one is "outbound.defaultMode"',
    ]) {
      assert.ok(lines[0]?.includes(`plugins.entries.voice-call.config.${said}`), said);
    }
    const validated = await home.openclaw('config', 'validate');
    assert.equal(validated.code, 0, validated.stderr);
    // Doctor mends nothing beside a Gateway that runs.
    await home.stop();
  });

  it('finds manifest, code and configuration in order', async () => {
    const root = path.join(home.stateDir, 'extensions', 'voice-call');
    const validated = await home.openclaw('plugins', 'validate', '--root', root);
    assert.equal(validated.code, 0, validated.stderr);
    assert.match(validated.stdout, /voice-call is valid/);
    const config = await home.openclaw('config', 'validate', '--json');
    assert.equal(config.code, 0, `${config.stdout}${config.stderr}`);
    const doctor = await home.openclaw('plugins', 'doctor');
    assert.equal(doctor.code, 0, `${doctor.stdout}${doctor.stderr}`);
    assert.match(doctor.stdout, /checks passed/);
    const inspected = await home.openclaw('plugins', 'inspect', 'voice-call', '--runtime', '--json');
    const { plugin, diagnostics = [] } = JSON.parse(inspected.stdout) as {
      plugin: { status: string };
      diagnostics?: readonly unknown[];
    };
    assert.equal(plugin.status, 'loaded');
    assert.deepEqual(diagnostics, []);
  });

  it('has nothing to say against us in its audit, and names what is dangerous once that is on', async () => {
    const mention = ({ title, detail = '' }: Finding): boolean => /voice-call/.test(`${title} ${detail}`);
    const clean = (await audit()).filter(mention).map(({ checkId }) => checkId);
    assert.deepEqual(
      clean.filter((checkId) => !OF_ANY_PLUGIN.includes(checkId)),
      [],
    );
    await home.reconfigure({
      provider: 'mock',
      skipSignatureVerification: true,
      outbound: { allowEmergencyNumbers: true },
    });
    const dangers = (await audit())
      .filter(({ checkId }) => /dangerous/.test(checkId))
      .map((one) => JSON.stringify(one));
    for (const flag of ['skipSignatureVerification', 'outbound.allowEmergencyNumbers']) {
      assert.ok(
        dangers.some((danger) => danger.includes(`voice-call.config.${flag}=true`)),
        `${flag}: ${dangers.join()}`,
      );
    }
  });

  it('rewrites everything of old with doctor --fix, once and for all', async () => {
    await home.reconfigure(OLD);
    const env = { TWILIO_AUTH_TOKEN: 'x' };
    const before = parseConfig(ours(), env);
    assert.ok(before.ok && before.notices.filter((notice) => /doctor --fix/.test(notice)).length >= 15);
    const found = await home.openclaw('doctor', '--fix', '--non-interactive');
    assert.equal(found.code, 0, found.stderr);
    const fixed = ours();
    const after = parseConfig(fixed, env);
    assert.ok(after.ok);
    assert.deepEqual(
      after.notices.filter((notice) => /doctor --fix/.test(notice)),
      [],
    );
    assert.deepEqual(after.settings, before.settings);
    assert.deepEqual(fixed, {
      provider: 'mock',
      fromNumber: '+15550002222',
      twilio: { accountSid: OLD.twilio.accountSid, authToken: OLD.twilio.authToken },
      streaming: {
        provider: 'openai',
        providers: {
          openai: {
            apiKey: OLD.streaming.openaiApiKey,
            model: 'gpt-4o-transcribe',
            silenceDurationMs: 700,
            vadThreshold: 0.4,
          },
        },
      },
      realtime: { agentContext: {} },
      tts: {
        auto: 'always',
        provider: 'microsoft',
        providers: {
          openai: { speakerVoice: 'nova', model: 'new' },
          elevenlabs: { speakerVoiceId: 'v1' },
          microsoft: { speakerVoice: 'amy', speed: 1 },
        },
      },
      numbers: { '+15550003333': { tts: { auto: 'off', providers: { openai: { speakerVoice: 'coral' } } } } },
    });
    const again = await home.openclaw('doctor', '--fix', '--non-interactive');
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(ours(), fixed);
    assert.doesNotMatch(again.stdout.replaceAll(/[│\s]+/g, ' '), /voice-call\.config\.[\w.*]+ is old/);
  });
});
