// Tests of Schema: the manifest, the settings page and the parser know the same options.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import manifest from '../../openclaw.plugin.json' with { type: 'json' };
import { isE164 } from '../call/admission.ts';
import { parseConfig } from './parse.ts';
import { configJsonSchema, configKeys, configSchema } from './schema.ts';
import { uiHints } from './ui-hints.ts';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly anyOf?: readonly Node[];
}

function objectsIn(node: Node): readonly Node[] {
  const { additionalProperties: others } = node;
  const inside = [...Object.values(node.properties ?? {}), ...(node.anyOf ?? [])];
  const inner = [...inside, ...(typeof others === 'object' ? [others] : [])].flatMap(objectsIn);
  return node.type === 'object' && typeof others !== 'object' ? [node, ...inner] : inner;
}

describe('the JSON schema of the manifest', () => {
  const schema: Node = configJsonSchema();
  const at = (key: string): Node | undefined =>
    key.split('.').reduce<Node | undefined>((node, step) => {
      if (step !== '*') return node?.properties?.[step];
      return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
    }, schema);

  it('has every option the parser accepts', () => {
    assert.deepEqual(Object.keys(schema.properties ?? {}), Object.keys(configSchema.shape));
  });

  it('refuses unknown keys at every level', () => {
    const objects = objectsIn(schema);
    assert.ok(objects.length >= 6);
    for (const object of objects) assert.equal(object.additionalProperties, false);
    const open = configKeys().filter((key) => typeof at(key)?.additionalProperties === 'object');
    assert.deepEqual(
      open.filter(
        (key) => !/(^|\.)tts\.(providers|openai|elevenlabs|microsoft|edge|modelOverrides)$/.test(key),
      ),
      ['numbers', 'streaming.providers', 'realtime.providers'],
    );
  });

  it('says what every option means', () => {
    for (const key of configKeys()) {
      const node = at(key);
      assert.ok(node, key);
      if (node.type !== 'object') assert.ok((node.description ?? '').length > 10, key);
    }
  });

  it('takes a secret as text or as a reference to it, which the host is told to resolve', () => {
    const secrets = configKeys().filter((key) => at(key)?.anyOf !== undefined);
    for (const key of secrets) {
      assert.deepEqual(
        at(key)?.anyOf?.map(({ type }) => type),
        ['string', 'object'],
      );
    }
    assert.deepEqual(secrets, [
      'twilio.authToken',
      'telnyx.apiKey',
      'plivo.authToken',
      'tunnel.ngrokAuthToken',
    ]);
    const { paths } = manifest.configContracts.secretInputs;
    assert.deepEqual(
      paths.map(({ path }) => path),
      [
        ...secrets,
        'streaming.providers.*.apiKey',
        'realtime.providers.*.apiKey',
        'tts.providers.*.apiKey',
        'numbers.*.tts.providers.*.apiKey',
      ],
    );
  });

  it('is the one in the manifest', () => {
    assert.deepEqual(manifest.configSchema, schema);
    assert.deepEqual(manifest.uiHints, uiHints);
  });

  it('tells the host which option is dangerous', () => {
    assert.deepEqual(manifest.configContracts.dangerousFlags, [
      { path: 'skipSignatureVerification', equals: true },
    ]);
    assert.ok(configKeys().includes('skipSignatureVerification'));
  });

  it('can be written into a file', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  });
});

describe('the settings page', () => {
  it('labels every option a person sets, and no other', () => {
    const oldOfStreaming = [
      'sttProvider',
      'openaiApiKey',
      'sttModel',
      'silenceDurationMs',
      'vadThreshold',
    ].map((name) => `streaming.${name}`);
    const gone = 'realtime.agentContext.includeSystemPrompt';
    const old = ['enabled', 'twilio.from', gone, ...oldOfStreaming];
    const groups = [
      ...[
        'twilio',
        'telnyx',
        'plivo',
        'mock',
        'outbound',
        'serve',
        'tunnel',
        'tailscale',
        'webhookSecurity',
        'streaming',
      ],
      ...['realtime', 'realtime.fastContext', 'realtime.agentContext'],
    ];
    const expected = configKeys().filter(
      (key) => !old.includes(key) && !groups.includes(key) && !/^(numbers|tts)\./.test(key),
    );
    assert.deepEqual(Object.keys(uiHints).sort(), [...expected].sort());
  });

  it('hides what is secret', () => {
    for (const key of ['twilio.authToken', 'telnyx.apiKey', 'plivo.authToken']) {
      assert.equal(uiHints[key]?.sensitive, true);
    }
  });
});

describe('phone numbers', () => {
  it('are the ones the door admits', () => {
    const numberish = fc.stringMatching(/^\+?[0-9 a-]{0,18}$/);
    fc.assert(
      fc.property(numberish, (number) => {
        assert.equal(parseConfig({ toNumber: number }, {}).ok, isE164(number));
      }),
    );
  });
});
