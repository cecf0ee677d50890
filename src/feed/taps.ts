// Taps: ears and voice models whose words can be followed while they are spoken. They change nothing on the way.
import type { Transcriber } from '../conversation/ports.ts';
import type { VoiceModel } from '../conversation/voice-model.ts';
import type { Feed } from './feed.ts';

type Words = Pick<Feed, 'words'>;

/** The transcriber, with what it seems to hear told to the feed. */
export function tappedTranscriber(transcriber: Transcriber, feed: Words): Transcriber {
  return {
    provider: transcriber.provider,
    open: (call, listener) =>
      transcriber.open(call, {
        ...listener,
        onPartial: (text) => {
          feed.words(call.callId, 'user', text);
          listener.onPartial(text);
        },
      }),
  };
}

/** The voice model, with what it hears and says told to the feed. */
export function tappedModel(model: VoiceModel, feed: Words): VoiceModel {
  return {
    provider: model.provider,
    open: (call, listener) =>
      model.open(call, {
        ...listener,
        onHeard: (text, isFinal) => {
          if (!isFinal) feed.words(call.callId, 'user', text);
          listener.onHeard(text, isFinal);
        },
        onSaid: (text, isFinal) => {
          feed.words(call.callId, 'bot', text);
          listener.onSaid(text, isFinal);
        },
      }),
  };
}
