// LiveSpeech: ears and a voice of our own on the media streams of all calls, with the words of the agent.
import type { Call } from '../call/call.ts';
import type { LineEvent, Sound } from '../media/lines.ts';
import type { AnswerStages } from './live-answer.ts';
import { LiveCall } from './live-call.ts';
import type { Synthesizer, Transcriber } from './ports.ts';
import { SoundCache } from './sound-cache.ts';
import type { Speech, SpeechDeps } from './speech.ts';
import { StreamedCalls } from './streamed-calls.ts';

export interface LiveSpeechDeps extends SpeechDeps {
  readonly transcriber: Transcriber;
  readonly synthesizer: Synthesizer;
  /** A sentence that needs no synthesizer, for when it fails; null when there is none in this language. */
  readonly clip?: (language: string) => Sound | null;
}

export class LiveSpeech implements Speech {
  readonly #deps: LiveSpeechDeps;
  readonly #cache = new SoundCache();
  readonly #calls: StreamedCalls<LiveCall>;

  constructor(deps: LiveSpeechDeps) {
    this.#deps = deps;
    this.#calls = new StreamedCalls(deps.lines, {
      takes: (call) => this.takes(call),
      open: (call) => this.#open(call),
      leave: (held) => held.leave(),
      close: (held) => held.close(),
    });
  }

  /** Calls of a voice model are not for us. */
  takes({ settings }: Call): boolean {
    return settings.stream && !settings.voiceModel;
  }

  prepare(call: Call): void {
    this.#calls.prepare(call)?.prepare();
  }

  follow(call: Call): void {
    this.#calls.follow(call)?.follow(call);
  }

  answering(callId: string, turn: number, text: string, stages: AnswerStages): void {
    this.#calls.get(callId)?.answering(turn, text, stages);
  }

  /** No voice model is on these lines: what the caller does reaches the agent through the call. */
  tell(callId: string, _words: string): void {
    this.#deps.log.warn('there is no voice model to tell', { callId });
  }

  heard(event: LineEvent): void {
    this.#calls.get(event.callId)?.heard(event);
  }

  release(callId: string): void {
    this.#calls.release(callId);
  }

  refresh(): void {
    this.#cache.clear();
  }

  #open(call: Call): LiveCall {
    const { clock, steady, log, lines, transcriber, synthesizer, clip = () => null, post } = this.#deps;
    return new LiveCall(
      {
        clock: steady,
        log,
        lines,
        transcriber,
        synthesizer,
        clip,
        cache: this.#cache,
        post: (fact) => post(call.id, { ...fact, at: clock.now() }),
      },
      call,
    );
  }
}
