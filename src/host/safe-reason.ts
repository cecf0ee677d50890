// SafeReason: what a provider says went wrong, as it may stand in a log: short, on one line, and without keys.
import { reasonOf } from '../lib/errors.ts';

const MAX_CHARS = 200;
const SECRET_KEY = /key|token|secret|password|authorization|credential/i;
/** Shorter ones are hardly secrets, and would take words out of every sentence. */
const MIN_SECRET = 6;
/** Keys as the providers write them, also half hidden as they repeat them in errors; and what stands behind a `?`. */
const KEYS = /\b(?:sk|xai|rk|ek)[-_][\w*.-]{4,}|\bAIza[\w*-]{6,}|\bBearer\s+\S+|\?[^\s"')]+/gi;

/** `options` are those of the provider: whatever in them is a secret is taken out. */
export function safeReason(error: unknown, options: unknown): string {
  const known = secretsIn(options).reduce((text, secret) => text.replaceAll(secret, '***'), reasonOf(error));
  const text = known
    .replace(KEYS, '***')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS - 3)}...` : text;
}

function secretsIn(value: unknown, isSecret = false): readonly string[] {
  if (typeof value === 'string') return isSecret && value.length >= MIN_SECRET ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, isSecret || SECRET_KEY.test(key)));
}
