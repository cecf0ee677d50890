// Pairing: callers nobody knows yet wait with a code; the owner approves them.
import * as z from 'zod';
import type { Pairing } from '../runtime/phone.ts';
import type { Verb } from './verb.ts';

const nothing = z.strictObject({});
const input = z.strictObject({ code: z.string().describe('The code the caller was told') });

export const pairingList: Verb<typeof nothing, { readonly pairings: readonly Pairing[] }> = {
  name: 'pairing.list',
  summary: 'The callers who wait to be approved, with their codes.',
  scope: 'read',
  input: nothing,
  run: async (phone) => ({ pairings: phone.pairings() }),
};

export const pairingApprove: Verb<typeof input, { readonly success: true; readonly from: string }> = {
  name: 'pairing.approve',
  summary: 'Let the caller who was told this code call from now on.',
  scope: 'write',
  input,
  run: async (phone, { code }) => ({ success: true, from: phone.approve(code.replace(/[\s-]/g, '')).from }),
};
