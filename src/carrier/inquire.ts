// Inquire: sends what an inquiry asks, request after request, and returns what it found out.
import type { Inquiry } from './account.ts';
import type { Transport } from './carrier.ts';

export async function inquire<Finding>(
  inquiry: Inquiry<Finding>,
  transport: Transport,
  signal: AbortSignal,
): Promise<Finding> {
  let step = inquiry.next();
  while (!step.done) step = inquiry.next(await transport(step.value, signal));
  return step.value;
}
