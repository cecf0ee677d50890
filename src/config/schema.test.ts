// Tests of Schema: the manifest, the settings page, the documents and the parser know the same keys.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import manifest from '../../openclaw.plugin.json' with { type: 'json' };
import { isE164 } from '../call/admission.ts';
import { keys, type Node, schemaTree, secretKeys } from './keys.ts';
import { environmentVariables, manifestFields } from './manifest.ts';
import { parseConfig } from './parse.ts';
import { configSchema } from './schema.ts';

interface Hint {
  readonly label: string;
  readonly sensitive?: boolean;
}

const paths = keys().map(({ path }) => path);
const hints: Readonly<Record<string, Hint>> = manifest.uiHints;
/** Sections: what stands in them is shown by itself. */
const isSection = ({ node }: { readonly node: Node }): boolean =>
  node.type === 'object' && node.properties !== undefined && node.label === undefined;

/** Neither an unknown key nor any plain value is refused. */
function checkLenient(node: Node, path: string): void {
  const { properties = {}, additionalProperties: others, anyOf = [], type } = node;
  if (type !== 'object') {
    // An option of somebody else's is not described at all.
    const [any] = anyOf.filter((one) => Array.isArray(one.type));
    const isFree = type === undefined && anyOf.length === 0;
    if (!isFree) assert.deepEqual(any, { type: ['string', 'number', 'boolean', 'null'] }, path);
    return;
  }
  assert.notEqual(others, false, path);
  assert.deepEqual(
    Object.keys(node).filter((word) => /required|propertyNames/.test(word)),
    [],
    path,
  );
  for (const [name, inner] of Object.entries(properties)) checkLenient(inner, `${path}.${name}`);
  if (typeof others === 'object') checkLenient(others, `${path}.*`);
}

describe('the manifest', () => {
  it('says what the schema says', () => {
    const fields: Readonly<Record<string, unknown>> = manifest;
    for (const [field, value] of Object.entries(manifestFields()))
      assert.deepEqual(fields[field], value, field);
  });

  it('has every key the parser accepts, and no other', () => {
    const inManifest = (node: Node, prefix: string): readonly string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([name, inner]) => [
        `${prefix}${name}`,
        ...inManifest(inner, `${prefix}${name}.`),
      ]),
      ...(typeof node.additionalProperties === 'object'
        ? inManifest(node.additionalProperties, `${prefix}*.`)
        : []),
    ];
    assert.deepEqual(inManifest(manifest.configSchema as Node, ''), paths);
    assert.deepEqual(Object.keys(schemaTree().properties ?? {}), Object.keys(configSchema.shape));
    assert.ok(paths.length > 100);
  });

  it('lets every plain value and every unknown key through: the host would refuse to start over one', () => {
    checkLenient(manifest.configSchema as Node, '');
  });

  it('carries none of our own words into the JSON schema', () => {
    const text = JSON.stringify(manifest.configSchema);
    for (const word of ['label', 'env', 'advanced', 'sensitive', 'unshown', 'dangerous', 'rebuilds']) {
      assert.doesNotMatch(text, new RegExp(`"${word}":`));
    }
  });

  it('tells the host where a SecretRef may stand, old places included, and which variables stand in', () => {
    assert.deepEqual(
      secretKeys().filter((path) => !path.startsWith('numbers.')),
      [
        ...['twilio.authToken', 'telnyx.apiKey', 'plivo.authToken', 'tunnel.ngrokAuthToken'],
        ...['streaming.providers.*.apiKey', 'realtime.providers.*.apiKey', 'tts.providers.*.apiKey'],
      ],
    );
    const told = manifest.configContracts.secretInputs.paths.map(({ path }) => path);
    for (const path of [...secretKeys(), 'streaming.openaiApiKey', 'tts.openai.apiKey', 'tts.edge.apiKey']) {
      assert.ok(told.includes(path), path);
    }
    assert.deepEqual(manifest.setup.providers[0]?.envVars, environmentVariables());
    assert.deepEqual(
      new Set(environmentVariables()),
      new Set([
        ...['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM_NUMBER'],
        ...['TELNYX_API_KEY', 'TELNYX_CONNECTION_ID', 'TELNYX_PUBLIC_KEY'],
        ...['PLIVO_AUTH_ID', 'PLIVO_AUTH_TOKEN', 'NGROK_AUTHTOKEN', 'NGROK_DOMAIN'],
      ]),
    );
  });

  it('tells the host which value is dangerous', () => {
    for (const { path, equals } of manifest.configContracts.dangerousFlags) {
      assert.ok(paths.includes(path), path);
      assert.equal(typeof equals, 'boolean');
    }
    assert.ok(
      manifest.configContracts.dangerousFlags.some(({ path }) => path === 'skipSignatureVerification'),
    );
  });
});

describe('every key', () => {
  it('says what it means', () => {
    for (const { path, node } of keys()) {
      if (isSection({ node })) continue;
      assert.ok((node.description ?? '').length > 10, path);
    }
  });

  it('is refused when it is not known, at every level that is ours', () => {
    for (const { path, node } of keys()) {
      if (node.type !== 'object' || node.properties === undefined) continue;
      // Options of somebody else's provider are passed on.
      const isOpen = path.endsWith('providers.*');
      if (!isOpen) assert.equal(node.additionalProperties, false, path);
    }
  });

  it('has a label on the settings page when a person sets it there', () => {
    const inMaps = /^(numbers|tts)\.|\.\*\./;
    const expected = keys().filter(
      (key) => !isSection(key) && !inMaps.test(key.path) && key.path !== 'enabled',
    );
    assert.deepEqual(Object.keys(hints).sort(), expected.map(({ path }) => path).sort());
    for (const path of secretKeys().filter((key) => /(authToken|apiKey|AuthToken)$/.test(key))) {
      if (hints[path]) assert.equal(hints[path]?.sensitive, true, path);
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
