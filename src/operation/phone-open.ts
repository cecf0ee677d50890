// PhoneOpen: a ticket for a test phone, which takes the place of a carrier's telephone; see docs/test-phone.md.
import * as z from 'zod';
import type { OpenedPhone } from '../handset/protocol.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  sound: z
    .boolean()
    .default(true)
    .describe('false: it neither plays nor hears sound; words are typed and read'),
});

export const phoneOpen: Verb<typeof input, OpenedPhone> = {
  name: 'phone.open',
  summary: 'With the mock carrier: let a telephone in a browser or terminal connect.',
  scope: 'write',
  input,
  run: async (_phone, { sound }, { testPhones }) => {
    if (!testPhones) throw new VoiceCallError('VC_NO_TEST_PHONE');
    return testPhones.open({ sound });
  },
};
