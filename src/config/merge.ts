// Merge: options laid over options, all the way down, and never into a prototype.

export type Options = Readonly<Record<string, unknown>>;

/** Names that reach the prototype of an object instead of the object. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/** `over` laid on `base`: objects are merged, everything else replaced; `undefined` leaves what is there. */
export function merged(base: Options, over: Options): Options {
  const entries = new Map(ownEntries(base).map(([key, value]) => [key, clean(value)]));
  for (const [key, value] of ownEntries(over)) {
    if (value === undefined) continue;
    const under = entries.get(key);
    entries.set(key, isOptions(under) && isOptions(value) ? merged(under, value) : clean(value));
  }
  return Object.fromEntries(entries);
}

export function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function clean(value: unknown): unknown {
  return isOptions(value) ? merged({}, value) : value;
}

function ownEntries(options: Options): readonly [string, unknown][] {
  return Object.entries(options).filter(([key]) => !FORBIDDEN.has(key));
}
