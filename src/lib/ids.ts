// Ids: the only source of randomness; the core receives ids as arguments.
import { randomUUID } from 'node:crypto';

/** Makes an id no other call has. Tests pass a counter. */
export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();
