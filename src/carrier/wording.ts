// Wording: what people are told alike, whichever carrier did not place their call; and what carriers count alike.
import type { WireResponse } from './carrier.ts';

/** Carriers count in whole seconds, and none of them takes zero. */
export function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** A repeated request could ring the person twice, so nothing is repeated when we cannot know. `log`: where to look. */
export function unsure(log: string): string {
  return `The call may have been placed all the same, so it is not repeated: look into the ${log} first.`;
}

/** Why there was no answer from `carrier`, and whether anything may have been dialled. */
export function whyUnanswered(
  carrier: string,
  log: string,
  { why, mayHaveArrived }: Extract<WireResponse, { kind: 'unreachable' }>,
): string {
  return mayHaveArrived
    ? `${carrier} did not answer (${why}). ${unsure(log)}`
    : `${carrier} could not be reached (${why}). Nothing was dialled; try again.`;
}

/** What to do about 429. */
export function tooMany(retryAfterMs: number | null): string {
  const when = retryAfterMs === null ? 'in a while' : `in ${seconds(retryAfterMs)} s`;
  return `Too many requests for this account; nothing was dialled, try again ${when}.`;
}

/** Why a call was not dialled: what the carrier said of it in `words`, and what a person can do about that. */
export function whyRefused(
  { status, retryAfterMs }: Extract<WireResponse, { kind: 'answered' }>,
  said: { readonly words: string; readonly cure: string | null; readonly log: string },
): string {
  const { words, cure, log } = said;
  if (status === 429) return `${words}. ${tooMany(retryAfterMs)}`;
  if (status >= 500) return `${words}. ${unsure(log)}`;
  return cure === null ? words : `${words}. ${cure}`;
}

/** People know voices by these names; they are English ones, and Polly speaks for several carriers. */
const POLLY_BY_NAME: Readonly<Record<string, string>> = {
  alloy: 'Polly.Joanna',
  echo: 'Polly.Matthew',
  fable: 'Polly.Amy',
  onyx: 'Polly.Brian',
  nova: 'Polly.Salli',
  shimmer: 'Polly.Kimberly',
};

export function pollyNamed(name: string | null): string | undefined {
  return name !== null && Object.hasOwn(POLLY_BY_NAME, name) ? POLLY_BY_NAME[name] : undefined;
}
