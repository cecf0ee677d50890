// DoctorContract: what `openclaw doctor` loads by itself to find what is old in our configuration, and to rewrite it.
// Bundled as dist/doctor-contract-api.js, where the host looks for it.
import { hintOf, holds, type Legacy, legacies, modernised } from './legacy.ts';
import { isOptions, type Options } from './merge.ts';

const CONFIG = ['plugins', 'entries', 'voice-call', 'config'] as const;

interface Rule {
  readonly path: readonly string[];
  readonly message: string;
  /** Is the old thing in what stands at `path`? */
  readonly match: (value: unknown) => boolean;
}

/**
 * One for each thing of old, so that doctor names what it found and not what might be there. What is old in `tts` the
 * host itself tells, which knows this plugin by name.
 */
export const legacyConfigRules: readonly Rule[] = legacies
  .filter(({ from }) => !from.startsWith('tts.'))
  .map(ruleOf);

function ruleOf(legacy: Legacy): Rule {
  const { from, to } = legacy;
  const place = from === to ? 'its value has another name now' : `its place is ${to} now`;
  const fate = to === null ? 'is gone and has no effect' : `is old: ${place}`;
  return {
    path: CONFIG,
    message: `${from} ${fate}. Run "openclaw doctor --fix".`,
    match: (value) => holds(value, legacy),
  };
}

/** `cfg` is a copy of the whole configuration, ours to change. `changes` is empty when nothing was old. */
export function normalizeCompatibilityConfig<T>({ cfg }: { readonly cfg: T }): {
  readonly config: T;
  readonly changes: readonly string[];
} {
  const entry = CONFIG.slice(0, -1).reduce<unknown>((value, step) => optionsAt(value, step), cfg);
  if (!isOptions(entry)) return { config: cfg, changes: [] };
  const { config, moved } = modernised(entry['config']);
  // In place: the host keeps facts about this object beside it.
  if (moved.length > 0) Object.assign(entry, { config });
  return { config: cfg, changes: moved.map((one) => `${CONFIG.join('.')}.${hintOf(one)}.`) };
}

function optionsAt(value: unknown, step: string): Options | null {
  if (!isOptions(value) || !Object.hasOwn(value, step)) return null;
  const inner = value[step];
  return isOptions(inner) ? inner : null;
}
