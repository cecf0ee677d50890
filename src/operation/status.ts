// Status: what a call is doing, or which calls there are.
import * as z from 'zod';
import type { Trouble } from '../lib/health.ts';
import { type CallStatus, DEFAULT_LIMIT, MAX_LIMIT, statusOf } from './call-status.ts';
import type { Verb } from './verb.ts';

const input = z.strictObject({
  callId: z.string().optional().describe("Our id of the call, or the carrier's; leave out to list calls"),
  sid: z.string().optional().describe('The same as callId'),
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe('How many calls are listed at most'),
});

export type Status = CallStatus & {
  /** What does not work now; empty when all is well. */
  readonly health: readonly Trouble[];
};

export const status: Verb<typeof input, Status> = {
  name: 'status',
  summary: 'What a call is doing; without a call: the open calls, then the latest ones.',
  scope: 'read',
  input,
  run: async (phone, { callId, sid, limit }, { health }) => ({
    ...statusOf(phone, callId ?? sid, limit),
    health: health.troubles(),
  }),
};
