// Ring: somebody calls us. Only the mock carrier can do that; it is for trying things out.
import * as z from 'zod';
import { isE164 } from '../call/admission.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  from: z.string().default('+15550009999').describe('Number of the caller, E.164'),
  says: z
    .array(z.string())
    .default(['Hello, who is speaking?', 'Thank you, goodbye.'])
    .describe('What the caller says, one line per turn; then they hang up'),
});

export const ring: Verb<typeof input, { readonly callId: string }> = {
  name: 'ring',
  summary: 'With the mock carrier: be called by somebody.',
  scope: 'write',
  input,
  run: async (phone, { from, says }) => {
    if (!isE164(from)) throw new VoiceCallError('VC_NUMBER_INVALID', { name: 'from', value: from });
    return { callId: (await phone.ring(from, says)).id };
  },
};
