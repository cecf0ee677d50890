// ConfigDoc: docs/configuration.md, every key from the schema itself and every old name from the table of them.
import { type Key, keys, type Node, schemaTree } from '../src/config/keys.ts';
import { legacies } from '../src/config/legacy.ts';
import { CONFIG_PATH } from '../src/config/schema.ts';
import { tableOf } from './markdown.ts';

/** The sections of the page; a key belongs to the first whose prefix it has. */
const SECTIONS: readonly (readonly [title: string, ...prefixes: string[]])[] = [
  ['Carrier and numbers', 'enabled', 'provider', 'fromNumber', 'toNumber', 'twilio', 'telnyx', 'plivo'],
  ['Who may call', 'inboundPolicy', 'allowFrom', 'maxInboundCalls'],
  ['What callers hear', 'inboundGreeting', 'language', 'voice', 'tts'],
  ['One number differently', 'numbers'],
  ['Calling out', 'outbound', 'ringTimeoutMs', 'maxConcurrentCalls', 'staleCallReaperSeconds'],
  ['Holding a call', 'maxDurationSeconds', 'transcriptTimeoutMs', 'silenceTimeoutMs', 'shutdownDrainSeconds'],
  ['The agent', 'agentId', 'sessionScope', 'response'],
  ['The way in', 'serve', 'publicUrl', 'tunnel', 'tailscale', 'webhookSecurity', 'skipSignatureVerification'],
  ['Live audio', 'streaming'],
  ['A voice model', 'realtime'],
  ['The scripted person', 'mock'],
  ['Storage', 'store', 'retentionDays'],
];

/** docs/configuration.md */
export function configurationDoc(): string {
  const shown = keys().filter(isShown);
  const sections = [...SECTIONS.map(([title]) => title), 'Further'].flatMap((title) => {
    const own = shown.filter(({ path }) => titleFor(path) === title);
    return own.length === 0 ? [] : [`## ${title}\n\n${tableOf(HEAD, own.map(rowOf))}`];
  });
  return `# Configuration

Printed by \`npm run docs\` from \`src/config/schema.ts\` and \`src/config/legacy.ts\`; do not edit.

Everything stands under \`${CONFIG_PATH}\`:

\`\`\`sh
openclaw config set ${CONFIG_PATH}.inboundPolicy allowlist
\`\`\`

- A **key** with \`*\` stands in a map: \`*\` is a number of ours, or the name of a provider.
- A **secret** is text or a SecretRef, \`{ "source": "env", "provider": "default", "id": "TWILIO_AUTH_TOKEN" }\`; OpenClaw
  resolves it, and it never appears in a message.
- A **variable** of the environment stands in where the configuration is silent, or where a SecretRef could not be
  resolved. That of a carrier that was not chosen changes nothing.
- **Anew** means that an edit builds the telephone anew, and calls move there; every other edit is there with the next call.
- **Advanced** keys are folded away on OpenClaw's settings page until asked for.
- **Dangerous** values are named by \`openclaw doctor\` and \`openclaw security audit\`.

A key nobody knows, or a value that does not fit, keeps the telephone from starting and nothing else: the Gateway runs, its
log names each key, its value and the cure, and so does every command of ours. Only a plain value where a section stands,
or a section where a plain value does, is refused by OpenClaw itself.

${sections.join('\n\n')}

## Old names

They are understood for ever, and each is told once at the start. \`openclaw doctor --fix\` rewrites them. What stands
in the new place wins.

${tableOf(['old', 'now'], oldRows())}
`;
}

const HEAD = ['key', 'type', 'default', 'variable', 'meaning', 'beside'];

/** Sections are shown by their keys, and the speech options of a number as those of all. */
function isShown({ path, node }: Key): boolean {
  const isSection =
    node.type === 'object' && node.properties !== undefined && !path.endsWith('.tts') && path !== 'tts';
  return !isSection && !path.startsWith('numbers.*.tts.');
}

function titleFor(path: string): string {
  const isOf = (prefix: string): boolean =>
    path === prefix || path.startsWith(`${prefix}.`) || (prefix === 'response' && path.startsWith(prefix));
  return SECTIONS.find(([, ...prefixes]) => prefixes.some(isOf))?.[0] ?? 'Further';
}

function rowOf({ path, node }: Key): readonly string[] {
  const beside = [
    ...(path.endsWith('apiKey') || isSecret(node) ? ['secret'] : []),
    ...(isAnew(path) ? ['anew'] : []),
    ...(node.dangerous === undefined ? [] : [`dangerous when ${code(node.dangerous)}`]),
    ...(node.advanced ? ['advanced'] : []),
  ];
  const variable = node.env === undefined ? '' : `\`${node.env}\``;
  return [`\`${path}\``, typeOf(node), defaultOf(node), variable, node.description ?? '', beside.join(', ')];
}

function isSecret(node: Node): boolean {
  return node.anyOf !== undefined;
}

/** It, or the section it stands in. */
function isAnew(path: string): boolean {
  const [section = ''] = path.split('.');
  return schemaTree().properties?.[section]?.rebuilds !== undefined;
}

function typeOf(node: Node): string {
  if (node.anyOf) return 'text or SecretRef';
  if (node.enum) return node.enum.map(code).join(' ');
  switch (node.type) {
    case 'integer':
    case 'number':
      return rangeOf(node);
    case 'boolean':
      return '`true` `false`';
    case 'array':
      return `list of ${listed(node.items ?? {})}`;
    case 'object':
      return 'object';
    default:
      return 'text';
  }
}

function listed(items: Node): string {
  if (items.enum) return items.enum.map(code).join(' ');
  return items.type === 'object' ? 'objects' : 'texts';
}

function rangeOf({ type, minimum, exclusiveMinimum, maximum }: Node): string {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const from = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return isLimited ? `${kind}, ${from} to ${maximum}` : `${kind}, at least ${from}`;
}

function defaultOf({ default: value }: Node): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && value.length > 60) return 'a text of ours';
  return code(value);
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function oldRows(): readonly (readonly string[])[] {
  return legacies
    .filter(({ from }) => !from.startsWith('numbers.'))
    .map(({ from, to, as }) => {
      if (to === null) return [`\`${from}\``, 'gone, without effect'];
      if (from === to) return [`\`${from}\`: ${oldValues(as)}`, `\`${from}\`: ${nowOf(as)}`];
      return [`\`${from}\`${from.startsWith('tts') ? ', and in `numbers.*.tts`' : ''}`, `\`${to}\``];
    });
}

const OLD_VALUES = ['log', 'edge'];

function oldValues(as: ((value: unknown) => unknown) | undefined): string {
  return OLD_VALUES.filter((value) => as?.(value) !== undefined)
    .map(code)
    .join(' ');
}

function nowOf(as: ((value: unknown) => unknown) | undefined): string {
  return OLD_VALUES.flatMap((value) => as?.(value) ?? [])
    .map(code)
    .join(' ');
}
