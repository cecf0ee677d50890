// Check: one thing that must be so before the telephone can be trusted; all run side by side, each with a deadline.
import type { Clock } from '../lib/clock.ts';
import { asVoiceCallError } from '../lib/errors.ts';

/** The name a check has for scripts; the first six are those users know, in their order. */
export type CheckId =
  | 'plugin-enabled'
  | 'provider'
  | 'provider-config'
  | 'webhook-exposure'
  | 'mode'
  | 'agent-owner'
  | 'inbound-policy'
  | 'limits'
  | 'credentials'
  | 'number'
  | 'number-webhook'
  | 'port'
  | 'public-url-http'
  | 'public-url-websocket'
  | 'speech'
  | 'transcription'
  | 'voice-model'
  | 'model'
  | 'store'
  | 'health'
  | 'gateway';

/** What to enter in the carrier's console, under the names it gives its fields. */
export interface Paste {
  readonly place: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

export interface Finding {
  readonly ok: boolean;
  /** One sentence without a full stop. */
  readonly message: string;
  /** One line: what to do about it. */
  readonly cure?: string;
  readonly paste?: Paste;
  /** Works, but may not be meant. */
  readonly warning?: true;
  /** Could not be checked, for the reason in `message`; what that depends on has failed. */
  readonly skipped?: true;
  /** Something is written wrong and not only missing: to ask for what is missing does not help. */
  readonly miswritten?: true;
}

export interface CheckResult extends Finding {
  readonly id: CheckId;
}

export interface SetupReport {
  /** Everything is as it must be. */
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

export interface Check {
  readonly id: CheckId;
  /** Longest it may take, ms. */
  readonly withinMs: number;
  /** What it throws is its finding too. `signal` aborts at its deadline. */
  run(signal: AbortSignal): Finding | Promise<Finding>;
}

/** For what needs nobody but us. */
export const AT_ONCE_MS = 5_000;

export function fine(message: string): Finding {
  return { ok: true, message };
}

export function doubtful(message: string, cure: string): Finding {
  return { ok: true, warning: true, message, cure };
}

export function failed(message: string, cure: string): Finding {
  return { ok: false, message, cure };
}

/** For what a failure elsewhere keeps from being known; that one tells the cure. */
export function unchecked(why: string): Finding {
  return { ok: false, skipped: true, message: `not checked: ${why}` };
}

/** Runs all at once; a failing one stops no other. The results stand in the order of `checks`. */
export async function runChecks(checks: readonly Check[], clock: Clock): Promise<SetupReport> {
  const results = await Promise.all(checks.map(async (check) => resultOf(check, await inTime(check, clock))));
  return { ok: results.every(({ ok }) => ok), checks: results };
}

function resultOf({ id }: Check, finding: Finding): CheckResult {
  return { id, ...finding };
}

async function inTime(check: Check, clock: Clock): Promise<Finding> {
  const late = new AbortController();
  const overdue = Promise.withResolvers<Finding>();
  const cancel = clock.at(clock.now() + check.withinMs, () => {
    const why = `no answer within ${check.withinMs / 1_000} s`;
    late.abort(new Error(why));
    overdue.resolve(
      failed(why, 'Run the check again; if it stays so, the Gateway log says what it waits for.'),
    );
  });
  try {
    return await Promise.race([run(check, late.signal), overdue.promise]);
  } finally {
    cancel();
  }
}

async function run(check: Check, signal: AbortSignal): Promise<Finding> {
  try {
    return await check.run(signal);
  } catch (error) {
    const { message, cure } = asVoiceCallError(error);
    return failed(message, cure);
  }
}
