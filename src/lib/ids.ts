// Ids: the only source of randomness; the core receives ids as arguments.
import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** Makes an id no other call has. Tests pass a counter. */
export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();

/** Makes a code of six digits that nobody can foresee. Tests pass known ones. */
export type NewCode = () => string;

export const newSixDigits: NewCode = () => String(randomInt(1_000_000)).padStart(6, '0');

/** A key of 256 bits to sign with; it lives as long as the process. */
export function newSecret(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}
