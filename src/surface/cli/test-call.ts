// TestCall: a call to somebody who listens, and what became of what we said.
import { wait } from '../../lib/clock.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import type { CallStatus, PublicCall } from '../../operation/call-status.ts';
import type { CliDeps } from './deps.ts';
import { fieldsOf, QUICK_MS, request } from './running.ts';

const DIALLING_MS = 45_000;
const LOOK_MS = 1_000;
/** A test call that lasts longer is not waited for. */
const OVER_WITHIN_MS = 360_000;

export interface TestCall {
  readonly to: string;
  readonly message: string;
  readonly mode: string;
}

/** What the person heard of us, as far as it is known. */
export interface Verdict {
  /** Somebody answered, and heard our first sentence to its end. */
  readonly ok: boolean;
  readonly callId: string;
  readonly answered: boolean;
  /** How the call ended. */
  readonly endReason: string | null;
  /** How much we said, in sentences, and how much of it was heard to its end. */
  readonly said: number;
  readonly heard: number;
  /** From picking up to hanging up, in ms. */
  readonly talkMs: number;
}

/** Places the call and waits for its end. Throws VC_GATEWAY_TIMEOUT when it does not end. */
export async function placeAndJudge(deps: CliDeps, { to, message, mode }: TestCall): Promise<Verdict> {
  const placed = fieldsOf(await request(deps, 'initiate', { to, message, mode }, DIALLING_MS));
  const callId = String(placed['callId']);
  deps.warn(`calling: ${callId}\n`);
  const until = deps.clock.now() + OVER_WITHIN_MS;
  while (deps.clock.now() < until) {
    await wait(deps.clock, LOOK_MS);
    const status = (await request(deps, 'status', { callId }, QUICK_MS)) as CallStatus;
    const call = 'call' in status ? status.call : null;
    if (call?.endedAt !== undefined) return judged(call);
  }
  throw new VoiceCallError('VC_GATEWAY_TIMEOUT', { method: 'the end of the call', afterMs: OVER_WITHIN_MS });
}

function judged(call: PublicCall): Verdict {
  const ours = call.transcript.filter(({ speaker }) => speaker === 'bot');
  const answered = call.answeredAt !== undefined;
  return {
    ok: answered && ours[0]?.heard === true,
    callId: call.callId,
    answered,
    endReason: call.endReason ?? null,
    said: ours.length,
    heard: ours.filter(({ heard }) => heard === true).length,
    talkMs: answered && call.endedAt !== undefined ? call.endedAt - (call.answeredAt ?? 0) : 0,
  };
}

export function verdictText({ ok, answered, endReason, said, heard, talkMs }: Verdict): string {
  if (!answered) return `live-call: nobody answered (${endReason ?? 'unknown'})`;
  const seconds = (talkMs / 1_000).toFixed(1);
  const audio = `audio: said ${said}, heard to the end ${heard}, ${seconds} s on the line`;
  return ok
    ? `live-call: OK\n${audio}`
    : `live-call: answered, but our message was not heard to its end\n${audio}`;
}
