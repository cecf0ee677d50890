// Voice: what a detector of the human voice tells; silero.ts and activity.ts implement it.

export interface VoiceChange {
  readonly isSpeaking: boolean;
  /** When it began or ended, ms since the epoch: a little in the past, as it takes some frames to be sure. */
  readonly at: number;
}

/** Follows one caller. Allocates nothing per frame. */
export interface VoiceActivity {
  /** Takes 20 ms of the caller (160 bytes mu-law, 8 kHz) that arrived at `at`; a change, or null. */
  push(mulaw: Uint8Array, at: number): VoiceChange | null;
  readonly isSpeaking: boolean;
  /** We are being heard right now: our own echo may come back, so more certainty is asked for. */
  isOurVoiceOn: boolean;
}
