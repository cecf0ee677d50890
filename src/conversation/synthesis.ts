// Synthesis: one stretch of speech from the synthesizer, with a deadline for every wait; and how long sound sounds.
import { SYNTHESIS_MS } from '../call/deadline.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Sound } from '../media/lines.ts';
import type { Synthesizer } from './ports.ts';

/** How long sound that has begun may pause. */
const STALL_MS = 4_000;

/** The synthesizer does not answer at all. */
export class TooSlow extends Error {}

export type Wanted = Parameters<Synthesizer['speak']>[0];

/** Speaks `wanted`; throws when the synthesizer fails, is too slow, gives nothing, or `wanted.signal` aborts. */
export async function* synthesise(
  { clock, synthesizer }: { readonly clock: Clock; readonly synthesizer: Pick<Synthesizer, 'speak'> },
  wanted: Wanted,
): AsyncGenerator<Sound> {
  const late = new AbortController();
  const signal = AbortSignal.any([wanted.signal, late.signal]);
  const pieces = synthesizer.speak({ ...wanted, signal })[Symbol.asyncIterator]();
  let waitMs = firstSoundMs(wanted.tts);
  let isEmpty = true;
  try {
    for (;;) {
      const cancel = clock.at(clock.now() + waitMs, () => late.abort(tooLate(isEmpty, waitMs)));
      const next = await within(pieces.next(), signal, cancel);
      if (next.done) break;
      if (next.value.bytes.length === 0) continue;
      isEmpty = false;
      waitMs = STALL_MS;
      yield next.value;
    }
    if (isEmpty) throw new Error('the voice gave no sound');
  } finally {
    // Whoever stops listening stops the work; one that ignores that is not waited for.
    late.abort(new Error('not wanted any more'));
    pieces.return?.().catch(() => undefined);
  }
}

function tooLate(isEmpty: boolean, waitMs: number): Error {
  const why = `no sound for ${waitMs} ms`;
  return isEmpty ? new TooSlow(why) : new Error(why);
}

/** A speech provider that is known to be slow may have been given more time by the owner. */
function firstSoundMs(tts: Wanted['tts']): number {
  const wanted = tts?.['timeoutMs'];
  return typeof wanted === 'number' && wanted > 0 ? wanted : SYNTHESIS_MS;
}

async function within<T>(work: Promise<T>, signal: AbortSignal, cancel: Cancel): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

/** How long it sounds, ms; null when only its file knows. */
export function soundMs({ encoding, sampleRate, bytes }: Sound): number | null {
  if (encoding === 'wav' || encoding === 'mp3') return null;
  return (bytes.length * 1_000) / sampleRate / (encoding === 'pcm16' ? 2 : 1);
}
