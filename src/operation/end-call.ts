// EndCall: hang up. An agent that ends its own call is still heard to the end of its reply.
import * as z from 'zod';
import type { Verb } from './verb.ts';

const input = z.strictObject({ callId: z.string().describe("Our id of the call, or the carrier's") });

export const endCall: Verb<typeof input, { readonly success: true }> = {
  name: 'end',
  summary: 'Hang up.',
  scope: 'write',
  input,
  run: async (phone, { callId }, { by }) => {
    await phone.end(callId, { sessionKey: by.sessionKey });
    return { success: true };
  },
};
