// Codec: the port of a carrier's media stream: text frames of its WebSocket in, facts out; audio in, frames out.

/** What one frame of the carrier's socket says. All three carriers carry mu-law, 8 kHz, mono. */
export type MediaMessage =
  /** The stream begins. `token` is what came back in the parameters we gave along, null when there were none. */
  | {
      readonly kind: 'start';
      readonly carrierCallId: string;
      readonly streamId: string;
      readonly token: string | null;
      /** Anything but mu-law at 8000 Hz: we asked for something else, so the stream is refused. */
      readonly isOurFormat: boolean;
    }
  /** The caller's voice, any length. `chunk` counts from 1 where the carrier counts; null where it does not. */
  | { readonly kind: 'audio'; readonly chunk: number | null; readonly mulaw: Uint8Array }
  | { readonly kind: 'digit'; readonly digit: string }
  /** What the caller typed instead of speaking; only the test phone can. Final words, never empty. */
  | { readonly kind: 'words'; readonly text: string }
  /** Everything sent before this mark was played, or thrown away by a clear. */
  | { readonly kind: 'mark'; readonly name: string }
  /** The carrier threw away what it had not played. */
  | { readonly kind: 'cleared' }
  | { readonly kind: 'stop' }
  /** The carrier complains about something we sent. `why` is safe to log. */
  | { readonly kind: 'complaint'; readonly why: string }
  /** Known and without meaning to us. */
  | { readonly kind: 'ignored' };

/** Writes frames of one stream. Called for every 20 ms of audio: a template, no JSON building. */
export interface MediaWriter {
  /** Raw mu-law, any length; one frame of 20 ms is 160 bytes. */
  audio(mulaw: Uint8Array): string;
  /** The carrier sends the name back once everything before it was played. Names are [A-Za-z0-9:_-]. */
  mark(name: string): string;
  /** Throws away what was sent and not played yet; some carriers send back its marks then. */
  clear(): string;
}

export interface MediaCodec {
  readonly carrier: string;
  /** True: frames may overtake each other and must be put in order by `chunk`. */
  readonly mayReorder: boolean;
  /** The meaning of one text frame; null when it is malformed. Never throws. */
  read(frame: string): MediaMessage | null;
  writer(streamId: string): MediaWriter;
}
