// Speech: who speaks and hears on media streams: ears and a voice of our own with the agent's words, or a voice model.
import type { RealtimeSettings } from './config/realtime.ts';
import { clip } from './conversation/clip.ts';
import { LiveSpeech } from './conversation/live-speech.ts';
import { ModelSpeech } from './conversation/model-speech.ts';
import type { Synthesizer, Transcriber } from './conversation/ports.ts';
import type { Speech, SpeechDeps } from './conversation/speech.ts';
import type { Consultant, VoiceModel } from './conversation/voice-model.ts';
import type { Feed } from './feed/feed.ts';
import { tappedModel, tappedTranscriber } from './feed/taps.ts';
import type { SpeechInUse } from './handset/protocol.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { LineOptions } from './line/lasting.ts';
import type { LineThread } from './line/thread.ts';

/** What is needed to hear and speak ourselves: with ears and a voice of our own, or by a voice model. */
export type LiveAudio = LineAudio & (OwnVoice | { readonly model: LiveModel });

interface OwnVoice {
  readonly transcriber: Transcriber;
  readonly synthesizer: Synthesizer;
  readonly model?: null;
}

/** A voice model that holds the conversations, with the agent behind it. */
interface LiveModel {
  readonly voiceModel: VoiceModel;
  readonly consultant: Consultant;
  readonly settings: RealtimeSettings;
}

interface LineAudio {
  /** Who transcribes, or holds the conversation. */
  readonly provider: string;
  /** Set when voice and ear are embedded: nothing that is said or heard leaves this machine. */
  readonly offline?: {
    /** Somebody is about to call: what takes long is begun. */
    warm(): void;
    stop(): Promise<void>;
  };
  /** The time of what is heard: it never jumps. */
  readonly steady: Clock;
  /** Opens the port with the media streams on it; in the Gateway a thread of its own. */
  readonly openLine: (options: LineOptions) => Promise<LineThread>;
}

export interface OnLinesDeps {
  readonly live: LiveAudio;
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: Feed;
  /** Tells a call what happened on its line. */
  readonly post: SpeechDeps['post'];
}

export interface SpeechOnLines {
  /** Follows the calls and says what they want said. */
  readonly ofCalls: Speech;
  readonly inUse: SpeechInUse;
  /** From now on what happens on the lines is taken. */
  listen(): void;
}

/** Speech on these lines. Whoever looks on is told what is said and heard while it happens. */
export function speechOn(lines: LineThread, deps: OnLinesDeps): SpeechOnLines {
  const ofCalls = speaker(lines, deps);
  const { feed, live } = deps;
  return {
    ofCalls,
    inUse: inUse(live),
    listen() {
      feed.follow(lines);
      lines.listen((event) => {
        feed.line(event);
        ofCalls.heard(event);
      });
    },
  };
}

function speaker({ lines }: LineThread, deps: OnLinesDeps): Speech {
  const { live, clock, log, feed, post } = deps;
  const { steady } = live;
  if (!live.model) {
    const { synthesizer } = live;
    const transcriber = tappedTranscriber(live.transcriber, feed);
    return new LiveSpeech({ clock, steady, log, lines, post, clip, synthesizer, transcriber });
  }
  const { consultant, settings } = live.model;
  const model = tappedModel(live.model.voiceModel, feed);
  return new ModelSpeech({ clock, steady, log, lines, post, model, consultant, settings });
}

function inUse(live: LiveAudio): SpeechInUse {
  const isOffline = live.offline !== undefined;
  if (live.model) {
    const { provider } = live.model.voiceModel;
    return { voice: provider, hearing: provider, isOffline };
  }
  return { voice: live.synthesizer.provider, hearing: live.transcriber.provider, isOffline };
}
