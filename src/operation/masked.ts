// Masked: a call as it may be shown to whoever looks over a shoulder: no numbers, and how much was said, not what.
import type { PublicCall, PublicEntry } from '../call/public-view.ts';
import { maskDigits, maskNumber } from '../lib/mask.ts';

export function masked(call: PublicCall): PublicCall {
  const { initialMessage, requesterSessionKey, numberRouteKey, cause, ...metadata } = call.metadata;
  return {
    ...call,
    from: maskNumber(call.from),
    to: maskNumber(call.to),
    sessionKey: maskDigits(call.sessionKey),
    transcript: call.transcript.map(maskedEntry),
    metadata: {
      ...metadata,
      ...(initialMessage !== undefined && { initialMessage: wordsIn(initialMessage) }),
      ...(requesterSessionKey !== undefined && { requesterSessionKey: maskDigits(requesterSessionKey) }),
      ...(numberRouteKey !== undefined && { numberRouteKey: maskNumber(numberRouteKey) }),
      ...(cause !== undefined && { cause: maskDigits(cause) }),
    },
  };
}

function maskedEntry(entry: PublicEntry): PublicEntry {
  return { ...entry, text: wordsIn(entry.text) };
}

function wordsIn(text: string): string {
  const count = text.split(/\s+/).filter((word) => word !== '').length;
  return `(${count} ${count === 1 ? 'word' : 'words'})`;
}
