// Dtmf: press keys on a call: menus, PINs, extensions.
import * as z from 'zod';
import { parseDtmf } from '../call/dtmf.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  callId: z.string().describe("Our id of the call, or the carrier's"),
  digits: z.string().describe('Keys 0-9, *, #, A-D; "," and "p" wait a second, "w" half a second'),
});

export const dtmf: Verb<typeof input, { readonly success: true }> = {
  name: 'dtmf',
  summary: 'Press keys on a call.',
  scope: 'write',
  input,
  run: async (phone, { callId, digits }) => {
    await phone.sendDigits(callId, keysFrom(digits));
    return { success: true };
  },
};

/** Keys in their canonical form. Throws VC_DIGITS_INVALID. */
export function keysFrom(written: string): string {
  const keys = parseDtmf(written);
  if (!keys.ok) throw new VoiceCallError('VC_DIGITS_INVALID', { why: keys.why });
  return keys.digits;
}
