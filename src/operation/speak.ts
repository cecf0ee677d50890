// Speak: say something on a call without waiting for an answer.
import * as z from 'zod';
import { isOpen } from '../call/call.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Phone } from '../runtime/phone.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  callId: z.string().describe("Our id of the call, or the carrier's"),
  message: z.string().describe('What is said'),
  allowTwimlFallback: z
    .boolean()
    .default(true)
    .describe("May the carrier's own voice say it? false: only over a media stream, or not at all"),
});

export const speak: Verb<typeof input, { readonly success: true }> = {
  name: 'speak',
  summary: 'Say something on a call without waiting for an answer.',
  scope: 'write',
  input,
  run: async (phone, { callId, message, allowTwimlFallback }) => {
    if (!allowTwimlFallback) needStream(phone, callId);
    await phone.speak(callId, message);
    return { success: true };
  },
};

/** Whoever does not want the carrier's own voice is told when there is no other, not half obeyed. */
function needStream(phone: Phone, callId: string): void {
  const call = phone.find(callId);
  if (!call) throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId });
  if (call.stream?.state === 'open' || !isOpen(call)) return;
  const what = 'speak without its own voice: this call has no media stream';
  throw new VoiceCallError('VC_NOT_SUPPORTED', { carrier: call.carrier, what });
}
