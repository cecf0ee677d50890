// Watch: look at a call: for some seconds its sound levels and words are told while they happen.
import * as z from 'zod';
import { isOpen } from '../call/call.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({ callId: z.string().describe("Our id of the call, or the carrier's") });

export const watch: Verb<typeof input, { readonly watching: boolean }> = {
  name: 'watch',
  summary:
    'Have the sound levels and unfinished words of a call told as events, for 15 seconds; ask again before.',
  scope: 'read',
  input,
  run: async (phone, { callId }, { watch: look }) => {
    const call = phone.find(callId);
    if (!call) throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId });
    if (isOpen(call)) look(call.id);
    return { watching: isOpen(call) };
  },
};
