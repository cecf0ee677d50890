// Legacy: every key and value that older versions knew, where each went, and the one way to get there. It is shared
// with the file that `openclaw doctor` loads by itself, so it needs nothing but merge.ts.
import { isOptions, type Options } from './merge.ts';

/** One thing of old. Paths are dotted and relative to our configuration; `*` is any key, the same in both. */
export interface Legacy {
  readonly from: string;
  /** Where it went: into a key, or (the same path) into another value; null: it is gone. */
  readonly to: string | null;
  /** What the value becomes; undefined: this value is not an old one, and stays. */
  readonly as?: (value: unknown) => unknown;
}

/** What was done about one of them. */
export interface Moved {
  readonly from: string;
  readonly to: string | null;
  /** `read`: the old value counts; `lost`: the new key was set and wins; `filled`: of a block, both count. */
  readonly fate: 'read' | 'lost' | 'filled' | 'gone';
  /** Both, when only the value is another one. Neither is ever a secret. */
  readonly values: readonly [old: string, now: string] | null;
}

export interface Modernised {
  readonly config: unknown;
  readonly moved: readonly Moved[];
}

const OLD_BLOCKS = ['openai', 'elevenlabs', 'microsoft', 'edge'] as const;
const OLD_VOICES = [
  ['voice', 'speakerVoice'],
  ['voiceName', 'speakerVoice'],
  ['voiceId', 'speakerVoiceId'],
] as const;

/** In this order: what is renamed inside a block is moved before the block, and a newer place before an older. */
export const legacies: readonly Legacy[] = [
  { from: 'provider', to: 'provider', as: (value) => (value === 'log' ? 'mock' : undefined) },
  { from: 'twilio.from', to: 'fromNumber' },
  { from: 'streaming.sttProvider', to: 'streaming.provider' },
  { from: 'streaming.openaiApiKey', to: 'streaming.providers.openai.apiKey' },
  { from: 'streaming.sttModel', to: 'streaming.providers.openai.model' },
  { from: 'streaming.silenceDurationMs', to: 'streaming.providers.openai.silenceDurationMs' },
  { from: 'streaming.vadThreshold', to: 'streaming.providers.openai.vadThreshold' },
  { from: 'realtime.agentContext.includeSystemPrompt', to: null },
  ...speechOf('tts'),
  ...speechOf('numbers.*.tts'),
];

/** The speech options as the first version wrote them: a block per provider, and other names of the voice. */
function speechOf(tts: string): readonly Legacy[] {
  const providers = `${tts}.providers`;
  return [
    { from: `${tts}.provider`, to: `${tts}.provider`, as: (id) => (id === 'edge' ? 'microsoft' : undefined) },
    { from: `${tts}.enabled`, to: `${tts}.auto`, as: autoOf },
    ...voicesOf(`${providers}.*`, `${providers}.*`),
    { from: `${providers}.edge`, to: `${providers}.microsoft` },
    ...OLD_BLOCKS.flatMap((block): readonly Legacy[] => {
      const [from, to] = [`${tts}.${block}`, `${providers}.${block === 'edge' ? 'microsoft' : block}`];
      return [...voicesOf(from, to), { from, to }];
    }),
  ];
}

function voicesOf(from: string, to: string): readonly Legacy[] {
  return OLD_VOICES.map(([old, now]) => ({ from: `${from}.${old}`, to: `${to}.${now}` }));
}

function autoOf(enabled: unknown): unknown {
  if (typeof enabled !== 'boolean') return undefined;
  return enabled ? 'always' : 'off';
}

/** Today's form of `raw`, whatever it is; what is not an old thing stays as it is. Never throws. */
export function modernised(raw: unknown): Modernised {
  let config = raw;
  const moved: Moved[] = [];
  for (const legacy of legacies) {
    for (const path of matches(config, legacy.from.split('.'))) {
      const step = move(config, legacy, path);
      if (step === null) continue;
      config = step.config;
      moved.push(step.moved);
    }
  }
  return { config, moved };
}

/** Does `raw` hold this one? */
export function holds(raw: unknown, legacy: Legacy): boolean {
  return matches(raw, legacy.from.split('.')).some((path) => move(raw, legacy, path) !== null);
}

type Path = readonly string[];

function move(config: unknown, legacy: Legacy, from: Path): { config: unknown; moved: Moved } | null {
  const old = valueAt(config, from);
  const value = legacy.as ? legacy.as(old) : old;
  if (value === undefined) return null;
  const name = from.join('.');
  const rest = without(config, from);
  if (legacy.to === null)
    return { config: rest, moved: { from: name, to: null, fate: 'gone', values: null } };
  const to = concrete(legacy, from);
  const [now, fate] = settled(valueAt(rest, to), value);
  const next = withValue(rest, to, now);
  // The new key stands in something that is not an object: that is for the schema to say.
  if (next === null) return null;
  const values = legacy.as ? ([String(old), String(value)] as const) : null;
  return { config: next, moved: { from: name, to: to.join('.'), fate, values } };
}

/** What is in the new place wins; of two blocks, option by option. */
function settled(there: unknown, old: unknown): readonly [now: unknown, fate: 'read' | 'lost' | 'filled'] {
  if (there === undefined) return [old, 'read'];
  if (!isBlock(there) || !isBlock(old)) return [there, 'lost'];
  return [{ ...old, ...there }, 'filled'];
}

/** The words for a person. */
export function hintOf({ from, to, fate, values }: Moved): string {
  if (to === null) return `${from} is gone and has no effect`;
  if (from === to) return `${from} "${values?.[0]}" is an old name: it is read as "${values?.[1]}"`;
  if (fate === 'lost') return `${from} is an old name: ${to} is set and wins`;
  const value = values === null ? '' : ` "${values[1]}"`;
  const merged = fate === 'filled' ? ', where what stands there wins' : '';
  return `${from} is an old name: it is read as ${to}${value}${merged}`;
}

/** `to`, with the keys that `*` stood for. */
function concrete(legacy: Legacy, from: Path): Path {
  const pattern = legacy.from.split('.');
  const found = from.filter((_step, at) => pattern[at] === '*');
  return (legacy.to ?? '').split('.').map((step) => (step === '*' ? (found.shift() ?? step) : step));
}

/** Every path of `value` that `pattern` matches and where something stands. */
function matches(value: unknown, pattern: Path): readonly Path[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return value === undefined ? [] : [[]];
  if (!isOptions(value)) return [];
  const keys = step === '*' ? Object.keys(value).filter((key) => key !== '__proto__') : [step];
  return keys
    .filter((key) => Object.hasOwn(value, key))
    .flatMap((key) => matches(value[key], rest).map((path) => [key, ...path]));
}

function valueAt(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return isOptions(value) && Object.hasOwn(value, step) ? valueAt(value[step], rest) : undefined;
}

function without(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined || !isOptions(value)) return value;
  const others = Object.entries(value).filter(([key]) => key !== step);
  return Object.fromEntries(rest.length === 0 ? others : [...others, [step, without(value[step], rest)]]);
}

/** Null when something on the way is not an object. */
function withValue(value: unknown, path: Path, put: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return put;
  if (value !== undefined && !isOptions(value)) return null;
  const inner = withValue(valueAt(value, [step]), rest, put);
  return inner === null ? null : { ...value, [step]: inner };
}

/** Options, and not a reference to a secret, which is one value. */
function isBlock(value: unknown): value is Options {
  return isOptions(value) && !(typeof value['source'] === 'string' && typeof value['id'] === 'string');
}
