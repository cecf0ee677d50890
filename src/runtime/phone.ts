// Phone: what can be asked of the running telephone; runtime.ts implements it, operation/ puts verbs on it.
import type { Call, Mode } from '../call/call.ts';

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
}

/** Every method throws VoiceCallError; ids may be ours or the carrier's. */
export interface Phone {
  /** Saves the call, dials it, and returns it once the carrier has agreed. */
  place(request: PlaceRequest): Promise<Call>;
  /** Says `text` and waits for what the caller answers, at most transcriptTimeoutMs. */
  ask(id: string, text: string): Promise<{ readonly transcript: string }>;
  /** Says `text`; returns once the line was told to say it. */
  speak(id: string, text: string): Promise<void>;
  /** Hangs up, after what is being said was heard; returns once the call is over. */
  end(id: string, by: { readonly sessionKey: string | null }): Promise<void>;
  /** A call, live or long over; null when nobody knows it. */
  find(id: string): Call | null;
  /** Open calls first, then the latest ended ones; at most `limit`. */
  list(limit: number): readonly Call[];
  /** Mock carrier only: somebody calls us and says these lines. */
  ring(from: string, says: readonly string[]): Promise<Call>;
}
