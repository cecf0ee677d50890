// Tests of Legacy: everything older versions understood is understood, once told, and rewritten for good.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { legacyConfigRules, normalizeCompatibilityConfig } from './doctor-contract.ts';
import { type Legacy, legacies, modernised } from './legacy.ts';
import { parseConfig } from './parse.ts';
import { CONFIG_PATH } from './schema.ts';

const NUMBER = '+15550003333';
const REF = { source: 'env', provider: 'default', id: 'OLD_KEY' };

/** Every shape of old at once. */
const OLD = {
  provider: 'log',
  twilio: { accountSid: 'AC1', authToken: { ...REF, id: 'TOKEN' }, from: '+15550002222' },
  streaming: {
    sttProvider: 'openai',
    openaiApiKey: REF,
    sttModel: 'gpt-4o-transcribe',
    silenceDurationMs: 700,
    vadThreshold: 0.4,
  },
  realtime: { agentContext: { includeSystemPrompt: true, maxChars: 100 } },
  tts: {
    enabled: true,
    provider: 'edge',
    openai: { apiKey: 'sk-x', voice: 'nova', model: 'tts-1' },
    elevenlabs: { voiceId: 'v1', modelId: 'm' },
    edge: { voice: 'amy' },
    microsoft: { speed: 1 },
    providers: { openai: { model: 'new' }, edge: { voiceName: 'old amy', pitch: 2 } },
  },
  numbers: { [NUMBER]: { tts: { enabled: false, openai: { voice: 'coral' } } } },
};

const NEW = {
  provider: 'mock',
  fromNumber: '+15550002222',
  twilio: { accountSid: 'AC1', authToken: { ...REF, id: 'TOKEN' } },
  streaming: {
    provider: 'openai',
    providers: {
      openai: { apiKey: REF, model: 'gpt-4o-transcribe', silenceDurationMs: 700, vadThreshold: 0.4 },
    },
  },
  realtime: { agentContext: { maxChars: 100 } },
  tts: {
    auto: 'always',
    provider: 'microsoft',
    providers: {
      openai: { apiKey: 'sk-x', speakerVoice: 'nova', model: 'new' },
      elevenlabs: { speakerVoiceId: 'v1', modelId: 'm' },
      microsoft: { speed: 1, pitch: 2, speakerVoice: 'old amy' },
    },
  },
  numbers: { [NUMBER]: { tts: { auto: 'off', providers: { openai: { speakerVoice: 'coral' } } } } },
};

/** A configuration with nothing but this thing of old. */
function only({ from }: Legacy, value: unknown): unknown {
  const path = from.replace(/^numbers\.\*/, `numbers.${NUMBER}`).replaceAll('*', 'openai');
  return path.split('.').reduceRight((inner: unknown, step) => ({ [step]: inner }), value);
}

function isInBlock({ from }: Legacy): boolean {
  return /tts\.(openai|elevenlabs|microsoft|edge)\.\w+$/.test(from);
}

function sample({ from, as, to }: Legacy): unknown {
  if (as) return [...['log', 'edge'], true].find((value) => as(value) !== undefined);
  if (to === null) return true;
  const isBlock = /tts\.(providers\.)?(openai|elevenlabs|microsoft|edge)$/.test(from);
  if (isBlock) return { model: 'm' };
  return from === 'twilio.from' ? '+15550002222' : 'x';
}

function noticesOf(raw: unknown): readonly string[] {
  const parsed = parseConfig(raw, {});
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.join('; '));
  return parsed.notices.filter((notice) => /old name|is gone/.test(notice));
}

describe('what is old', () => {
  it('comes to its place with every value, references to secrets too', () => {
    assert.deepEqual(modernised(OLD).config, NEW);
  });

  it('is each told once, with what became of it and who rewrites it', () => {
    for (const legacy of legacies) {
      const raw = only(legacy, sample(legacy));
      const notices = noticesOf(raw);
      const [name] = modernised(raw).moved;
      const about = notices.filter((notice) => notice.startsWith(`${CONFIG_PATH}.${name?.from} `));
      assert.equal(about.length, 1, `${legacy.from}: ${notices.join('; ')}`);
      assert.match(about[0] ?? '', /"openclaw doctor --fix" rewrites it$/);
      // A block of old is old itself, beside the name of the voice in it.
      assert.equal(notices.length, isInBlock(legacy) ? 2 : 1, legacy.from);
      assert.deepEqual(noticesOf(modernised(raw).config), [], legacy.from);
    }
    assert.equal(noticesOf(OLD).length, modernised(OLD).moved.length);
    assert.ok(noticesOf(OLD).length >= 18);
    assert.doesNotMatch(noticesOf(OLD).join(), /sk-x|OLD_KEY/);
  });

  it('never replaces what is new', () => {
    const both = { fromNumber: '+15550001111', twilio: { from: '+15550002222' } };
    assert.deepEqual(modernised(both).config, { fromNumber: '+15550001111', twilio: {} });
    assert.match(noticesOf(both)[0] ?? '', /twilio\.from is an old name: fromNumber is set and wins/);
    const refs = { streaming: { openaiApiKey: 'old', providers: { openai: { apiKey: REF } } } };
    assert.deepEqual(modernised(refs).config, { streaming: { providers: { openai: { apiKey: REF } } } });
  });

  it('is left alone where its new place cannot be, so that the schema can say so', () => {
    const parsed = parseConfig({ streaming: { openaiApiKey: 'k', providers: 5 } }, {});
    assert.equal(parsed.ok, false);
    assert.match(
      parsed.ok ? '' : parsed.problems.join(),
      /streaming\.providers is not valid: it must be an object/,
    );
  });
});

describe('whatever is written', () => {
  const word = fc.constantFrom(
    ...['provider', 'twilio', 'from', 'streaming', 'openaiApiKey', 'sttProvider', 'providers', 'openai'],
    ...['edge', 'tts', 'enabled', 'voice', 'voiceId', 'numbers', NUMBER, '__proto__', 'constructor'],
  );
  const leaf = fc.oneof(fc.constantFrom('log', 'edge', 'x', true, 0.4, REF), fc.jsonValue());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, leaf, fc.dictionary(word, tie('tree'), { maxKeys: 5 })),
  }));

  it('is brought up to date once and for all, and no value is made up', () => {
    fc.assert(
      fc.property(tree, (raw) => {
        const once = modernised(raw);
        const twice = modernised(once.config);
        const stuck = new Set(twice.moved.map(({ from }) => from));
        assert.deepEqual([...stuck], []);
        assert.deepEqual(twice.config, once.config);
        if (once.moved.length === 0) assert.equal(once.config, raw);
      }),
      { numRuns: 500 },
    );
  });

  it('is parsed without a throw, told the same each time, and without hints once it is up to date', () => {
    fc.assert(
      fc.property(tree, (raw) => {
        const parsed = parseConfig(raw, {});
        assert.deepEqual(parseConfig(raw, {}), parsed);
        const again = parseConfig(modernised(raw).config, {});
        assert.equal(again.ok, parsed.ok);
        if (again.ok && parsed.ok) {
          assert.deepEqual(again.settings, parsed.settings);
          assert.deepEqual(
            again.notices.filter((notice) => /old name|is gone/.test(notice)),
            [],
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('openclaw doctor', () => {
  const hostConfig = (config: unknown): object => ({
    gateway: { port: 1 },
    plugins: { entries: { 'voice-call': { enabled: true, config }, other: { config: { provider: 'log' } } } },
  });

  it('rewrites ours and nothing else, says each change, and has nothing to do the second time', () => {
    const cfg = hostConfig(structuredClone(OLD));
    const first = normalizeCompatibilityConfig({ cfg });
    assert.equal(first.config, cfg, 'the object the host knows');
    assert.deepEqual(cfg, hostConfig(NEW));
    assert.equal(first.changes.length, modernised(OLD).moved.length);
    assert.doesNotMatch(first.changes.join(), /sk-x|OLD_KEY/);
    assert.deepEqual(normalizeCompatibilityConfig({ cfg }).changes, []);
  });

  it('has a rule for everything of old that the host does not tell itself', () => {
    for (const legacy of legacies) {
      if (legacy.from.startsWith('tts.')) continue;
      const raw = only(legacy, sample(legacy));
      const found = legacyConfigRules.filter(({ match }) => match(raw));
      assert.equal(found.length, isInBlock(legacy) ? 2 : 1, legacy.from);
      assert.deepEqual(
        legacyConfigRules.filter(({ match }) => match(modernised(raw).config)),
        [],
        legacy.from,
      );
    }
  });

  it('survives a configuration that is no configuration', () => {
    for (const cfg of [undefined, null, 1, {}, { plugins: [] }, hostConfig(undefined), hostConfig('x')]) {
      assert.deepEqual(normalizeCompatibilityConfig({ cfg }), { config: cfg, changes: [] });
    }
  });

  it('loads a file that needs nothing but itself', () => {
    for (const file of ['doctor-contract.ts', 'legacy.ts', 'merge.ts']) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      const named = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
      for (const name of named) assert.match(name ?? '', /^\.\/(legacy|merge)\.ts$/, file);
    }
  });
});
