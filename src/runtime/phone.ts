// Phone: what can be asked of the running telephone; runtime.ts implements it, operation/ puts verbs on it.
import type { Call, Mode } from '../call/call.ts';
import type { CallPage, CallQuery } from '../record/history.ts';
import type { Step } from '../record/journal.ts';

export type { Step } from '../record/journal.ts';

export interface PlaceRequest {
  /** E.164. */
  readonly to: string;
  /** What we say first; null is allowed for conversations. */
  readonly message: string | null;
  readonly mode: Mode;
  /** The session that asks; it owns the outcome. */
  readonly requesterSessionKey: string | null;
  /** Overrides the session key the call's own agent turns use. */
  readonly sessionKey: string | null;
  /** Overrides the configured owner agent. */
  readonly agentId: string | null;
  /** Keys pressed as soon as somebody answers, before anything is said; canonical, see call/dtmf.ts. */
  readonly dtmfSequence: string | null;
  /** BCP 47; overrides the configured language. */
  readonly language: string | null;
  /** The carrier's name of a voice; overrides the configured one. */
  readonly voice: string | null;
}

/** What our own calls took in the last 24 hours; an open one takes the longest it may last. */
export interface Spending {
  readonly calls: number;
  /** Absent: there is no limit. */
  readonly maxCalls?: number;
  /** To a tenth. */
  readonly minutes: number;
  readonly maxMinutes?: number;
}

/** A caller nobody knows was told this code and waits to be approved. */
export interface Pairing {
  readonly code: string;
  /** E.164. */
  readonly from: string;
  readonly at: number;
  readonly expiresAt: number;
}

/** Every method throws VoiceCallError; ids may be ours or the carrier's. */
export interface Phone {
  /** Saves the call, dials it, and returns it once the carrier has agreed. */
  place(request: PlaceRequest): Promise<Call>;
  /** Says `text` and waits for what the caller answers, at most transcriptTimeoutMs. */
  ask(id: string, text: string): Promise<{ readonly transcript: string }>;
  /** Says `text`; returns once the line was told to say it. */
  speak(id: string, text: string): Promise<void>;
  /** Presses keys (canonical, see call/dtmf.ts); returns once the line was told to press them. */
  sendDigits(id: string, digits: string): Promise<void>;
  /** Hangs up, after what is being said was heard; returns once the call is over. */
  end(id: string, by: { readonly sessionKey: string | null }): Promise<void>;
  /** A call, live or long over; null when nobody knows it. */
  find(id: string): Call | null;
  /** What happened on a call, in order: at most `limit` steps after step `after`; empty when nobody knows it. */
  steps(callId: string, page: { readonly after: number; readonly limit: number }): readonly Step[];
  /** Open calls first, then the latest ended ones; at most `limit`. */
  list(limit: number): readonly Call[];
  /** The same, page by page. */
  page(query: CallQuery): CallPage;
  /** What our own calls took in the last 24 hours; null when that cannot be read. */
  spending(): Spending | null;
  /** The codes that can be approved now, the newest first. */
  pairings(): readonly Pairing[];
  /** Lets the caller who was told `code` call us from now on. Throws VC_PAIRING_UNKNOWN and VC_PAIRING_LOCKED. */
  approve(code: string): { readonly from: string };
  /** Mock carrier only: somebody calls us and says these lines. */
  ring(from: string, says: readonly string[]): Promise<Call>;
}
