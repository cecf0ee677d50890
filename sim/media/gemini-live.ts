// GeminiLive: a stand-in for Gemini's live voice API on loopback, in the messages the host's own provider speaks.
import { GeminiLiveSession } from './gemini-live-session.ts';
import type { Said } from './voice-model-script.ts';
import { type Connected, VoiceModelServer } from './voice-model-server.ts';

const PATH =
  /^\/ws\/google\.ai\.generativelanguage\.v1(?:alpha|beta)\.GenerativeService\.BidiGenerateContent$/;

/** What a session can be taken up again with. */
export interface Remembered {
  readonly heard: readonly string[];
  readonly said: readonly Said[];
}

/** `baseUrl` is for the environment variable `GOOGLE_GEMINI_BASE_URL`. */
export class GeminiLive extends VoiceModelServer<GeminiLiveSession> {
  /** By the handle a client was given. */
  readonly remembered = new Map<string, Remembered>();

  protected override refusal({ pathname }: URL): number | undefined {
    return PATH.test(pathname) ? undefined : 404;
  }

  protected override connected(about: Connected): GeminiLiveSession {
    return new GeminiLiveSession(this, about);
  }
}
