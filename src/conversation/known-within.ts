// KnownWithin: something worth knowing, but not worth waiting for: what is late or fails is done without.
import { type Clock, wait } from '../lib/clock.ts';

/** What `asked` resolves to within `ms`; otherwise ''. Never rejects, and leaves no timer behind. */
export async function knownWithin(clock: Clock, ms: number, asked: Promise<string>): Promise<string> {
  const known = new AbortController();
  const nothing = (): string => '';
  const late = wait(clock, ms, known.signal).then(nothing, nothing);
  const first = await Promise.race([asked.catch(nothing), late]);
  known.abort();
  return first;
}
