// Speak: say something on a call without waiting for an answer.
import * as z from 'zod';
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
    if (!allowTwimlFallback) throw withoutStream(phone, callId);
    await phone.speak(callId, message);
    return { success: true };
  },
};

/** Calls of this version are spoken by the carrier: whoever does not want that is told so, not half obeyed. */
function withoutStream(phone: Phone, callId: string): VoiceCallError {
  const call = phone.find(callId);
  if (!call) return new VoiceCallError('VC_CALL_NOT_FOUND', { callId });
  const what = 'speak without its own voice: this call has no media stream';
  return new VoiceCallError('VC_NOT_SUPPORTED', { carrier: call.carrier, what });
}
