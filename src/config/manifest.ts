// Manifest: what openclaw.plugin.json says about the configuration, printed from the schema by tools/build.ts.
import { type Key, keys, type Node, schemaTree, secretKeys, takesSecret } from './keys.ts';
import { legacies } from './legacy.ts';
import { META_KEYS } from './meta.ts';
import { CONFIG_PATH } from './schema.ts';

/** The fields of the manifest that are made here; all others are written by hand. */
export function manifestFields(): Readonly<Record<string, unknown>> {
  return {
    setup: { providers: [{ id: 'voice-call', envVars: environmentVariables() }], requiresRuntime: false },
    doctorContract: { configRepair: true },
    configContracts: {
      compatibilityMigrationPaths: [CONFIG_PATH],
      dangerousFlags: keys().flatMap(({ path, node }) =>
        node.dangerous === undefined ? [] : [{ path, equals: node.dangerous }],
      ),
      secretInputs: {
        paths: [...secretKeys(), ...oldSecretKeys()].map((path) => ({
          path,
          expected: 'string',
          ownerKind: 'capability',
        })),
      },
    },
    uiHints: Object.fromEntries(keys().flatMap(hintFor)),
    configSchema: lenient(schemaTree()),
  };
}

/** Every variable that stands in for a key. */
export function environmentVariables(): readonly string[] {
  return keys().flatMap(({ node }) => node.env ?? []);
}

/** Where older versions had keys: a SecretRef there is resolved too, and what is written there is hidden. */
function oldSecretKeys(): readonly string[] {
  return legacies.flatMap(({ from, to, as }) => {
    if (to === null || as !== undefined) return [];
    if (isSecret(to)) return [from];
    return isSecret(`${to}.apiKey`) ? [`${from}.apiKey`] : [];
  });
}

function isSecret(path: string): boolean {
  const steps = path.split('.');
  return secretKeys().some((key) => {
    const pattern = key.split('.');
    return pattern.length === steps.length && pattern.every((step, at) => step === '*' || step === steps[at]);
  });
}

function hintFor({ path, node }: Key): readonly [string, object][] {
  const { label, placeholder, advanced, sensitive } = node;
  if (label === undefined) return [];
  return [
    [
      path,
      {
        label,
        ...(placeholder && { placeholder }),
        ...(sensitive && { sensitive }),
        ...(advanced && { advanced }),
      },
    ],
  ];
}

const ANY_SCALAR = ['string', 'number', 'boolean', 'null'];

/**
 * The host refuses to start its Gateway, and every command, when a value does not fit the schema of a plugin. So the
 * schema it gets tells the type and the limits, and lets every other plain value and every unknown key through: a
 * typo costs the telephone, which says exactly what is wrong, and not the whole assistant.
 */
function lenient(node: Node): object {
  const { properties, additionalProperties: others, description, default: value } = node;
  const about = { ...(description && { description }), ...(value !== undefined && { default: value }) };
  if (node.type === 'object') {
    return {
      ...about,
      type: 'object',
      ...(properties && { properties: mapped(properties) }),
      ...(typeof others === 'object' && { additionalProperties: lenient(others) }),
    };
  }
  return { ...about, ...plainValue(node) };
}

/** What it should be, and any other plain value. In a form the host's settings page has an input for. */
function plainValue(node: Node): object {
  if (takesSecret(node)) return { anyOf: [{ type: ANY_SCALAR }, { type: 'object', properties: SECRET_REF }] };
  if (node.type === 'array') return { anyOf: [{ type: 'array', items: {} }, { type: ANY_SCALAR }] };
  const { description: _d, default: _v, enum: values, ...exact } = plain(node);
  if (Object.keys(exact).length === 0) return {};
  const pattern = values && { pattern: `^(?:${values.join('|')})$` };
  return { anyOf: [{ ...exact, ...pattern }, { type: ANY_SCALAR }] };
}

const SECRET_REF = { source: { type: 'string' }, provider: { type: 'string' }, id: { type: 'string' } };

function mapped(properties: Readonly<Record<string, Node>>): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, lenient(node)]));
}

/** Without the words that are ours. */
function plain(node: Node): Node {
  const own = new Set<string>(META_KEYS);
  return Object.fromEntries(Object.entries(node).filter(([name]) => !own.has(name)));
}
