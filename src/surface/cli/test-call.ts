// TestCall: a call to somebody who listens, and what became of what we said.
import { wait } from '../../lib/clock.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import type { CallStatus, PublicCall, PublicEntry } from '../../operation/call-status.ts';
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
  /** How much sound we sent, and how much of it was heard, ms; null where the carrier speaks for us. */
  readonly sound: { readonly sentMs: number; readonly heardMs: number } | null;
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
    sound: soundOf(ours),
    talkMs: answered && call.endedAt !== undefined ? call.endedAt - (call.answeredAt ?? 0) : 0,
  };
}

function soundOf(ours: readonly PublicEntry[]): Verdict['sound'] {
  if (!ours.some(({ soundMs }) => soundMs !== undefined)) return null;
  const sum = (key: 'soundMs' | 'heardMs'): number => ours.reduce((ms, entry) => ms + (entry[key] ?? 0), 0);
  return { sentMs: sum('soundMs'), heardMs: sum('heardMs') };
}

export function verdictText({ ok, answered, endReason, said, heard, sound, talkMs }: Verdict): string {
  if (!answered) return `live-call: nobody answered (${endReason ?? 'unknown'})`;
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const measured =
    sound === null
      ? `said ${said}, heard to the end ${heard}, as the carrier confirms`
      : `sent ${seconds(sound.sentMs)} s, heard ${seconds(sound.heardMs)} s`;
  const audio = `audio: ${measured}; ${seconds(talkMs)} s on the line`;
  return ok
    ? `live-call: OK\n${audio}`
    : `live-call: answered, but our message was not heard to its end\n${audio}`;
}
