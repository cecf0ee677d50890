// Status: what a call is doing, or which calls there are.
import * as z from 'zod';
import type { SpeechInUse } from '../handset/protocol.ts';
import type { Trouble } from '../lib/health.ts';
import type { Phone, Spending } from '../runtime/phone.ts';
import { type CallStatus, DEFAULT_LIMIT, MAX_LIMIT, statusOf } from './call-status.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  callId: z.string().optional().describe("Our id of the call, or the carrier's; leave out to list calls"),
  sid: z.string().optional().describe('The same as callId'),
  before: z.string().optional().describe('The "next" of an earlier answer: lists the calls after those'),
  state: z
    .enum(['open', 'ended'])
    .optional()
    .describe('Only calls that are open, or only those that are over'),
  direction: z.enum(['inbound', 'outbound']).optional().describe('Only calls we get, or only those we place'),
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe('How many calls are listed at most'),
});

export type Status = CallStatus & {
  /** What our own calls took in the last 24 hours, when calls are listed. */
  readonly outbound24h?: Spending;
  /** What does not work now; empty when all is well. */
  readonly health: readonly Trouble[];
  /** With the mock carrier: who speaks and understands on test phones; null when they are typed and read. */
  readonly testPhone?: SpeechInUse | null;
};

export const status: Verb<typeof input, Status> = {
  name: 'status',
  summary: 'What a call is doing; without a call: the open calls, then the latest ones.',
  scope: 'read',
  input,
  run: async (phone, { callId, sid, ...query }, { health, testPhones }) => ({
    ...statusOf(phone, callId ?? sid, query),
    ...withSpending(phone, callId ?? sid),
    health: health.troubles(),
    ...(testPhones && { testPhone: testPhones.speech }),
  }),
};

/** Health tells of a store that cannot be read; the calls in memory are shown all the same. */
function withSpending(phone: Phone, callId: string | undefined): Pick<Status, 'outbound24h'> {
  if (callId !== undefined) return {};
  const spending = phone.spending();
  return spending === null ? {} : { outbound24h: spending };
}
