// ClientState: what we give Telnyx to carry: which call, turn and utterance a later webhook is about.
import type { Instruction } from '../../call/instruction.ts';

export interface ClientState {
  readonly callId: string;
  /** The turn the line listens for; null while it listens for none. */
  readonly turn: number | null;
  /** What is being said, when its end is to be reported under this name. */
  readonly utteranceId: string | null;
}

/** Longer ids are not ours: no call of ours has one. */
const MAX_ID = 200;
const TURN = /^[1-9]\d{0,8}$/;
const UTTERANCE = /^u[1-9]\d{0,8}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The state while the line follows `instruction`. Telnyx keeps the latest one for the whole call. */
export function stateFor(callId: string, instruction: Instruction): ClientState {
  switch (instruction.kind) {
    case 'say':
      return { callId, turn: instruction.turn, utteranceId: instruction.utterance.id };
    case 'listen':
      return { callId, turn: instruction.turn, utteranceId: null };
    case 'wait':
    case 'answer':
    case 'reject':
    case 'hangup':
      return { callId, turn: null, utteranceId: null };
  }
}

export function encodeState({ callId, turn, utteranceId }: ClientState): string {
  return Buffer.from(JSON.stringify({ c: callId, t: turn, u: utteranceId })).toString('base64');
}

/** Null for anything we did not write ourselves: a call placed by something else carries its own state. */
export function decodeState(text: unknown): ClientState | null {
  if (typeof text !== 'string' || !BASE64.test(text)) return null;
  const fields = fieldsOf(Buffer.from(text, 'base64').toString('utf8'));
  const { c, t = null, u = null } = fields ?? {};
  if (typeof c !== 'string' || c === '' || c.length > MAX_ID) return null;
  return {
    callId: c,
    turn: typeof t === 'number' && TURN.test(String(t)) ? t : null,
    utteranceId: typeof u === 'string' && UTTERANCE.test(u) ? u : null,
  };
}

function fieldsOf(json: string): Readonly<Record<'c' | 't' | 'u', unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Record<'c' | 't' | 'u', unknown>)
      : null;
  } catch {
    return null;
  }
}
