// Pairing: how an unknown caller becomes known: they hear a one-time code, and the owner approves it.
import { isE164 } from './admission.ts';

/** A caller who was told a code. Kept for an hour, so that their calls can be counted; see `expiresAt`. */
export interface Pairing {
  readonly caller: string;
  readonly code: string;
  /** When the code was made, and from when it is good for nothing; ms since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When the caller was told a code, within the last hour. */
  readonly toldAt: readonly number[];
}

export interface PairedCaller {
  readonly caller: string;
  readonly pairedAt: number;
}

/** Everything there is to know about pairing; a value, kept on disk by record/. */
export interface PairingBook {
  readonly pairings: readonly Pairing[];
  readonly paired: readonly PairedCaller[];
  /** When wrong codes were tried lately. */
  readonly wrongAt: readonly number[];
  /** No code is approved before this; 0 when approvals are open. */
  readonly lockedUntil: number;
}

export const emptyBook: PairingBook = { pairings: [], paired: [], wrongAt: [], lockedUntil: 0 };

export const CODE_LASTS_MS = 600_000;
/** More open codes than this would make guessing one too easy, and nobody approves that many. */
export const MAX_OPEN_CODES = 20;
/** Every call that tells a code costs the owner money. */
export const MAX_CODE_CALLS = 3;
const CODE_CALLS_WITHIN_MS = 3_600_000;
const MAX_WRONG_CODES = 5;
/** Within this time wrong codes are counted, and for this long approvals are then refused. */
const WRONG_CODES_WITHIN_MS = 600_000;

export type Knock =
  | { readonly kind: 'paired' }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'refused'; readonly why: string };

/** What an approval came to. */
export type Approval =
  | { readonly kind: 'approved'; readonly caller: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'locked'; readonly untilMs: number };

/** Somebody calls: known, told a code (the same one while it lasts), or plainly refused. */
export function knock(
  book: PairingBook,
  caller: string | null,
  at: number,
  newCode: () => string,
): { readonly book: PairingBook; readonly knock: Knock } {
  const refuse = (why: string) => ({ book, knock: { kind: 'refused', why } as const });
  if (caller === null || !isE164(caller)) return refuse('the caller hides their number');
  if (book.paired.some((one) => one.caller === caller)) return { book, knock: { kind: 'paired' } };
  const recent = withoutOld(book.pairings, at);
  const known = recent.find((one) => one.caller === caller);
  if ((known?.toldAt.length ?? 0) >= MAX_CODE_CALLS) return refuse('too many calls for a pairing code');
  const open = openPairings(book, at);
  const told = open.find((one) => one.caller === caller);
  if (!told && open.length >= MAX_OPEN_CODES) return refuse('too many pairing codes are open');
  const code = told?.code ?? unusedCode(recent, newCode);
  if (code === null) return refuse('no pairing code is free');
  const pairing: Pairing = {
    caller,
    code,
    createdAt: told?.createdAt ?? at,
    expiresAt: told?.expiresAt ?? at + CODE_LASTS_MS,
    toldAt: [...(known?.toldAt ?? []), at],
  };
  const pairings = [...recent.filter((one) => one.caller !== caller), pairing];
  return { book: { ...book, pairings }, knock: { kind: 'code', code } };
}

/** The owner approves `code`: it is spent, and its caller known from now on. */
export function approve(
  book: PairingBook,
  code: string,
  at: number,
): { readonly book: PairingBook; readonly approval: Approval } {
  if (at < book.lockedUntil) return { book, approval: { kind: 'locked', untilMs: book.lockedUntil } };
  const pairing = openPairings(book, at).find((one) => one.code === code);
  if (!pairing) return wrongCode(book, at);
  const { caller } = pairing;
  return {
    book: {
      ...book,
      pairings: book.pairings.filter((one) => one.caller !== caller),
      paired: [...book.paired, { caller, pairedAt: at }],
    },
    approval: { kind: 'approved', caller },
  };
}

/** The codes that are good for something now, oldest first. */
export function openPairings(book: PairingBook, at: number): readonly Pairing[] {
  return book.pairings.filter((one) => at < one.expiresAt).sort((a, b) => a.createdAt - b.createdAt);
}

function wrongCode(book: PairingBook, at: number): { book: PairingBook; approval: Approval } {
  const wrongAt = [...book.wrongAt.filter((one) => at - one < WRONG_CODES_WITHIN_MS), at];
  const approval = { kind: 'unknown' } as const;
  if (wrongAt.length < MAX_WRONG_CODES) return { book: { ...book, wrongAt }, approval };
  return { book: { ...book, wrongAt: [], lockedUntil: at + WRONG_CODES_WITHIN_MS }, approval };
}

/** What still counts: calls of the last hour, and codes that have not expired. */
function withoutOld(pairings: readonly Pairing[], at: number): readonly Pairing[] {
  return pairings
    .map((one) => ({ ...one, toldAt: one.toldAt.filter((told) => at - told < CODE_CALLS_WITHIN_MS) }))
    .filter((one) => at < one.expiresAt || one.toldAt.length > 0);
}

/** A code that means nobody else; a source that only repeats itself gives none. */
function unusedCode(pairings: readonly Pairing[], newCode: () => string): string | null {
  const used = new Set(pairings.map((one) => one.code));
  for (let tries = 0; tries <= used.size + 10; tries += 1) {
    const code = newCode();
    if (!used.has(code)) return code;
  }
  return null;
}
