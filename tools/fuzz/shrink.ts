// Shrink: the smallest input that still breaks the same promise: parts are left out as long as it does.
import type { Input } from './target.ts';

/** Large inputs of slow targets are made smaller as far as one gets with these. */
const MOST_TRIES = 3_000;
const MOST_MS = 4_000;

/** `isSame`: this input breaks the same promise. */
export async function smallest(input: Input, isSame: (input: Input) => Promise<boolean>): Promise<Input> {
  let best = input;
  let tries = 0;
  const startedAt = performance.now();
  const isSpent = (): boolean => tries > MOST_TRIES || performance.now() - startedAt > MOST_MS;
  const better = async (candidate: Input): Promise<boolean> => {
    tries += 1;
    if (isSpent() || !(await isSame(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before = ''; before !== JSON.stringify(best) && !isSpent(); ) {
    before = JSON.stringify(best);
    for (const name of Object.keys(input)) await shrunk(name, () => best, better);
  }
  return best;
}

type Try = (candidate: Input) => Promise<boolean>;

async function shrunk(name: string, best: () => Input, better: Try): Promise<void> {
  const value = best()[name];
  if (typeof value === 'number') {
    if (value !== 0 && !(await better({ ...best(), [name]: 0 })))
      await better({ ...best(), [name]: value >> 1 });
  } else if (typeof value === 'string') {
    await shortened(value, (next) => better({ ...best(), [name]: next }));
  } else if (Array.isArray(value)) {
    await shortened([...value], (next) => better({ ...best(), [name]: next }));
    const list = best()[name] as readonly string[];
    for (const at of list.keys())
      await shortened((best()[name] as readonly string[])[at] ?? '', (next) =>
        better({ ...best(), [name]: (best()[name] as readonly string[]).with(at, next) }),
      );
  }
}

/** Leaves out halves, quarters, ... single items, as long as `better` takes it. */
async function shortened<T extends string | readonly string[]>(
  whole: T,
  better: (next: T) => Promise<boolean>,
): Promise<void> {
  let now = whole;
  for (let size = Math.ceil(now.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < now.length; ) {
      const next = (
        typeof now === 'string' ? now.slice(0, at) + now.slice(at + size) : now.toSpliced(at, size)
      ) as T;
      if (await better(next)) now = next;
      else at += size;
    }
  }
}
