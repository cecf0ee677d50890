// Speak: say something on a call without waiting for an answer.
import * as z from 'zod';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  callId: z.string().describe("Our id of the call, or the carrier's"),
  message: z.string().describe('What is said'),
});

export const speak: Verb<typeof input, { readonly success: true }> = {
  name: 'speak',
  summary: 'Say something on a call without waiting for an answer.',
  scope: 'write',
  input,
  run: async (phone, { callId, message }) => {
    await phone.speak(callId, message);
    return { success: true };
  },
};
