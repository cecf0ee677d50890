// CallEvents: what happened on a call, step by step, as it is on record.
import * as z from 'zod';
import { VoiceCallError } from '../lib/errors.ts';
import type { Step } from '../runtime/phone.ts';
import type { Verb } from './verb.ts';

const MAX_EVENTS = 500;

const input = z.strictObject({
  callId: z.string().describe("Our id of the call, or the carrier's"),
  after: z.int().min(0).default(0).describe('Only what came after this `seq`'),
  limit: z.int().min(1).max(MAX_EVENTS).default(200).describe('How many are listed at most'),
});

interface CallEvents {
  readonly events: readonly Step[];
  /** The `after` of the next page; null: that was all, so far. */
  readonly next: number | null;
}

export const callEvents: Verb<typeof input, CallEvents> = {
  name: 'call.events',
  summary: 'What happened on a call, step by step.',
  scope: 'read',
  input,
  run: async (phone, { callId, after, limit }) => {
    const call = phone.find(callId);
    if (!call) throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId });
    const events = phone.steps(call.id, { after, limit });
    return { events, next: events.length < limit ? null : (events.at(-1)?.seq ?? null) };
  },
};
