// ContinueCall: say something and wait for the answer, at once or by an operation whose result is fetched later.
import * as z from 'zod';
import type { Phone } from '../runtime/phone.ts';
import type { Answered, ContinueResult } from './continues.ts';
import type { Verb } from './verb.ts';

export interface ContinueStarted {
  readonly operationId: string;
  readonly status: 'pending';
  /** Ask for the result no longer than this. */
  readonly pollTimeoutMs: number;
}

/** Room for saying the question and for a slow carrier, on top of the wait for words. */
const SAYING_MS = 8_000;
const SLACK_MS = 30_000;

const question = z.strictObject({
  callId: z.string().describe("Our id of the call, or the carrier's"),
  message: z.string().describe('What is said before listening'),
});
const operation = z.strictObject({ operationId: z.string().describe('From continue.start') });

export const continueCall: Verb<typeof question, Answered> = {
  name: 'continue',
  summary: 'Say something on a call and wait for what is answered.',
  scope: 'write',
  input: question,
  run: (phone, input) => ask(phone, input),
};

export const continueStart: Verb<typeof question, ContinueStarted> = {
  name: 'continue.start',
  summary: 'The same without waiting: returns an operation to ask for the result.',
  scope: 'write',
  input: question,
  run: async (phone, input, { continues, defaults }) => ({
    operationId: continues.start(ask(phone, input)),
    status: 'pending',
    pollTimeoutMs: defaults.transcriptTimeoutMs + SAYING_MS + SLACK_MS,
  }),
};

export const continueResult: Verb<typeof operation, ContinueResult> = {
  name: 'continue.result',
  summary: 'The result of an operation, handed out once.',
  scope: 'read',
  input: operation,
  run: async (_phone, { operationId }, { continues }) => continues.take(operationId),
};

async function ask(phone: Phone, { callId, message }: z.output<typeof question>): Promise<Answered> {
  const { transcript } = await phone.ask(callId, message);
  return { success: true, transcript };
}
