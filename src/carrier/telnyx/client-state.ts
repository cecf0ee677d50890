// ClientState: what we give Telnyx to carry: which call, turn, utterance and stream a later webhook is about.
import type { Instruction } from '../../call/instruction.ts';

export interface ClientState {
  readonly callId: string;
  /** The turn the line listens for; null while it listens for none. */
  readonly turn: number | null;
  /** What is being said, when its end is to be reported under this name. */
  readonly utteranceId: string | null;
  /** The media stream the line was last told to connect; null once it was told something else. */
  readonly stream: { readonly n: number; readonly expiresAt: number } | null;
}

/** Longer ids are not ours: no call of ours has one. */
const MAX_ID = 200;
const COUNT = /^[1-9]\d{0,8}$/;
const UTTERANCE = /^u[1-9]\d{0,8}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The state while the line follows `instruction`. Telnyx keeps the latest one for the whole call. */
export function stateFor(callId: string, instruction: Instruction): ClientState {
  const nothing = { callId, turn: null, utteranceId: null, stream: null };
  switch (instruction.kind) {
    case 'say':
      return { ...nothing, turn: instruction.turn, utteranceId: instruction.utterance.id };
    case 'listen':
      return { ...nothing, turn: instruction.turn };
    case 'stream':
      return { ...nothing, stream: { n: instruction.n, expiresAt: instruction.expiresAt } };
    case 'wait':
    case 'answer':
    case 'reject':
    case 'hangup':
      return nothing;
  }
}

export function encodeState({ callId, turn, utteranceId, stream }: ClientState): string {
  const written = { c: callId, t: turn, u: utteranceId, s: stream?.n, e: stream?.expiresAt };
  return Buffer.from(JSON.stringify(written)).toString('base64');
}

/** Null for anything we did not write ourselves: a call placed by something else carries its own state. */
export function decodeState(text: unknown): ClientState | null {
  if (typeof text !== 'string' || !BASE64.test(text)) return null;
  const fields = fieldsOf(Buffer.from(text, 'base64').toString('utf8'));
  const { c, t, u, s, e } = fields ?? {};
  if (typeof c !== 'string' || c === '' || c.length > MAX_ID) return null;
  return {
    callId: c,
    turn: isCount(t) ? t : null,
    utteranceId: typeof u === 'string' && UTTERANCE.test(u) ? u : null,
    stream: isCount(s) && typeof e === 'number' ? { n: s, expiresAt: e } : null,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && COUNT.test(String(value));
}

type Written = Readonly<Partial<Record<'c' | 't' | 'u' | 's' | 'e', unknown>>>;

function fieldsOf(json: string): Written | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Written) : null;
  } catch {
    return null;
  }
}
