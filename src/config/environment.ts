// Environment: the variables of this process, and what of the configuration they stand in for.
import { keys } from './keys.ts';
import type { Config } from './schema.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export function environment(): Env {
  return process.env;
}

/** The configuration with what the environment adds to it. */
export interface Filled {
  readonly config: Config;
  /** The variable that was taken, by key. */
  readonly taken: ReadonlyMap<string, string>;
}

/** Where the configuration is silent, or its SecretRef could not be resolved, a variable that is set counts. */
export function withEnvironment(config: Config, env: Env): Filled {
  const taken = new Map<string, string>();
  let filled = config;
  for (const { path, node } of keys()) {
    const value = node.env === undefined ? '' : (env[node.env] ?? '');
    const [first = '', second = null] = path.split('.');
    if (node.env === undefined || value === '' || !isUsed(first, config)) continue;
    const next = withFallback(filled, { first, second, value });
    if (next === null) continue;
    filled = next;
    taken.set(path, node.env);
  }
  return { config: filled, taken };
}

/** A variable of a carrier that was not chosen changes nothing, not even when it is malformed. */
function isUsed(section: string, { provider, tunnel }: Config): boolean {
  if (section === 'fromNumber') return provider === 'twilio';
  if (section === 'tunnel') return tunnel.provider === 'ngrok';
  return section === provider;
}

/** Null when the configuration says it itself. Our keys with a variable are at most two deep. */
function withFallback(
  config: Config,
  {
    first,
    second,
    value,
  }: { readonly first: string; readonly second: string | null; readonly value: string },
): Config | null {
  const there = new Map<string, unknown>(Object.entries(config)).get(first);
  if (second === null) return typeof there === 'string' ? null : { ...config, [first]: value };
  const section = (there ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof section[second] === 'string') return null;
  return { ...config, [first]: { ...section, [second]: value } };
}
