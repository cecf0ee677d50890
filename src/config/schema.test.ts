// Tests of Schema: the manifest, the settings page and the parser know the same options.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isE164 } from '../call/admission.ts';
import { parseConfig } from './parse.ts';
import { configJsonSchema, configKeys, configSchema } from './schema.ts';
import { uiHints } from './ui-hints.ts';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly Node[];
}

function objectsIn(node: Node): readonly Node[] {
  const inner = [...Object.values(node.properties ?? {}), ...(node.anyOf ?? [])].flatMap(objectsIn);
  return node.type === 'object' ? [node, ...inner] : inner;
}

describe('the JSON schema of the manifest', () => {
  const schema: Node = configJsonSchema();

  it('has every option the parser accepts', () => {
    assert.deepEqual(Object.keys(schema.properties ?? {}), Object.keys(configSchema.shape));
  });

  it('refuses unknown keys at every level', () => {
    const objects = objectsIn(schema);
    assert.ok(objects.length >= 6);
    for (const object of objects) assert.equal(object.additionalProperties, false);
  });

  it('says what every option means', () => {
    for (const key of configKeys()) {
      const node = key.split('.').reduce<Node | undefined>((at, step) => at?.properties?.[step], schema);
      assert.ok(node, key);
      if (node.type !== 'object') assert.ok((node.description ?? '').length > 10, key);
    }
  });

  it('takes the auth token as text or as a reference to it', () => {
    const token = schema.properties?.['twilio']?.properties?.['authToken'];
    assert.deepEqual(
      token?.anyOf?.map(({ type }) => type),
      ['string', 'object'],
    );
  });

  it('can be written into a file', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  });
});

describe('the settings page', () => {
  it('labels every option a person sets, and no other', () => {
    const old = ['enabled', 'twilio.from'];
    const groups = ['twilio', 'mock', 'outbound', 'serve', 'webhookSecurity'];
    const expected = configKeys().filter((key) => !old.includes(key) && !groups.includes(key));
    assert.deepEqual(Object.keys(uiHints).sort(), [...expected].sort());
  });

  it('hides the token', () => {
    assert.equal(uiHints['twilio.authToken']?.sensitive, true);
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
