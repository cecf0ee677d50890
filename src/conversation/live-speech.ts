// LiveSpeech: what is said and heard on the media streams of all calls: follows the calls, and tells them what happens.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import { isInterruptible, utterancesToPlay } from '../call/instruction.ts';
import { phrasesFor } from '../call/phrases.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, Lines, Sound } from '../media/lines.ts';
import { Hearing } from './hearing.ts';
import type { AnswerStages } from './live-answer.ts';
import type { Synthesizer, Transcriber } from './ports.ts';
import { SoundCache } from './sound-cache.ts';
import { StreamedCalls } from './streamed-calls.ts';
import type { TurnEnd } from './turn.ts';
import { TurnTimer } from './turn-timer.ts';
import { Voice } from './voice.ts';

export interface LiveSpeechDeps {
  /** The time of the events of calls. */
  readonly clock: Clock;
  /** The time of the line's own events, which never jumps. */
  readonly steady: Clock;
  readonly log: Log;
  readonly transcriber: Transcriber;
  readonly synthesizer: Synthesizer;
  readonly lines: Lines;
  /** A sentence that needs no synthesizer, for when it fails; null when there is none in this language. */
  readonly clip?: (language: string) => Sound | null;
  /** Gives an event to the call; unknown calls are ignored. */
  readonly post: (callId: string, event: CallEvent) => void;
}

interface Speech {
  readonly voice: Voice;
  readonly hearing: Hearing;
  readonly timer: TurnTimer;
  /** Why we cannot speak or hear any more; a call that only rings does not listen to that yet. */
  failure: string | null;
}

/** An event without its time. */
type Fact = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never;

export class LiveSpeech {
  readonly #deps: LiveSpeechDeps;
  readonly #cache = new SoundCache();
  readonly #calls: StreamedCalls<Speech>;

  constructor(deps: LiveSpeechDeps) {
    this.#deps = deps;
    this.#calls = new StreamedCalls(deps.lines, {
      takes: (call) => this.takes(call),
      open: (call) => this.#open(call),
      close: ({ voice, hearing }) => {
        voice.close();
        hearing.close();
      },
    });
  }

  /** The phone rings: all that takes time is begun. Calls that will have no media stream are left alone. */
  prepare(call: Call): void {
    const speech = this.#calls.prepare(call);
    if (!speech) return;
    const { settings } = call;
    if (settings.greeting !== null) speech.voice.prepare(settings.greeting);
    // Whoever waits for an answer must not wait for this too.
    speech.voice.prepare(phrasesFor(settings.language).oneMoment);
  }

  /** The voices may have changed: what was prepared is made again when it is needed. */
  refresh(): void {
    this.#cache.clear();
  }

  /** After each step of a call: what is to be said is said, what is not wanted any more is dropped. */
  follow(call: Call): void {
    const speech = this.#calls.follow(call);
    if (!speech) return;
    speech.timer.follow(call);
    const { failure: why } = speech;
    if (why !== null && call.stream !== null) this.#post(call.id, { kind: 'speechFailed', why });
    this.#play(call, speech);
  }

  /** The answer to `turn` begins with `text`; to be told before the call itself is. */
  answering(callId: string, turn: number, text: string, stages: AnswerStages): void {
    this.#calls.get(callId)?.timer.answering(turn, text, stages);
  }

  /** Calls of a voice model are not for us. */
  takes({ settings }: Call): boolean {
    return settings.stream && !settings.voiceModel;
  }

  /** No voice model is on these lines: what the caller does reaches the agent through the call. */
  tell(callId: string, _words: string): void {
    this.#deps.log.warn('there is no voice model to tell', { callId });
  }

  /** Something happened on the line. */
  heard(event: LineEvent): void {
    const speech = this.#calls.get(event.callId);
    if (speech) this.#heard(event, speech);
  }

  /** Nothing is said or heard on this call any more. */
  release(callId: string): void {
    this.#calls.release(callId);
  }

  #open(call: Call): Speech {
    const { lines, log, steady: clock, synthesizer, transcriber, clip = () => null } = this.#deps;
    const { id: callId, settings } = call;
    const { agentId, language, silenceTimeoutMs } = settings;
    const failed = (why: string): void => {
      const failing = this.#calls.get(callId);
      if (failing) failing.failure = why;
      this.#post(callId, { kind: 'speechFailed', why });
    };
    const timer = new TurnTimer((turn, stages) => this.#post(callId, { kind: 'turnTimed', turn, stages }));
    const voice = new Voice({ clock, log, synthesizer, lines, cache: this.#cache, clip }, call, {
      onSound: (utteranceId) => timer.sounded(utteranceId, clock.now()),
      onFailed: failed,
    });
    const hearing = new Hearing(
      { clock, log, transcriber },
      { callId, agentId, language, silenceTimeoutMs },
      {
        onTurn: (end) => this.#said(callId, timer, end),
        onSpeaks: () => this.#post(callId, { kind: 'callerSpeaks' }),
        onWords: (text) => {
          if (this.#calls.get(callId)?.hearing.isAnyVoiceOn) lines.understood(callId, text);
        },
        onFailed: failed,
      },
    );
    return { voice, hearing, timer, failure: null };
  }

  #play(call: Call, { voice, hearing }: Speech): void {
    const wanted = utterancesToPlay(call);
    const ids = new Set(wanted.map(({ id }) => id));
    const gone = voice.sayings.filter((id) => !ids.has(id));
    const isSilenced = voice.playing !== null && gone.includes(voice.playing);
    if (gone.length > 0) voice.drop(gone);
    if (isSilenced) hearing.ourVoice(false, this.#deps.steady.now());
    for (const utterance of wanted) voice.say(utterance, isInterruptible(call, utterance));
  }

  #said(callId: string, timer: TurnTimer, end: TurnEnd): void {
    timer.ended(end);
    this.#post(callId, { kind: 'callerSaid', text: end.words, turn: null });
  }

  #heard(event: LineEvent, speech: Speech): void {
    const { callId, at } = event;
    const { voice, hearing, timer } = speech;
    switch (event.kind) {
      case 'opened':
        this.#post(callId, { kind: 'streamOpened', n: event.n });
        break;
      case 'closed':
        hearing.voice(false, at);
        hearing.ourVoice(false, at);
        this.#post(callId, {
          kind: 'streamClosed',
          n: event.n,
          why: event.why,
          ...(event.isOver && { isOver: true }),
        });
        break;
      case 'audio':
        hearing.hear(event.mulaw);
        break;
      case 'voice':
        hearing.voice(event.isSpeaking, at);
        break;
      case 'digit':
        this.#post(callId, { kind: 'digitsReceived', digits: event.digit, turn: null });
        break;
      case 'levels':
        // For those who look on.
        break;
      case 'words':
        this.#said(callId, timer, { words: event.text, speechEndAt: at, transcriptAt: at });
        break;
      case 'held':
        // Until it is an interruption, we are still the one who speaks.
        break;
      case 'unplayable':
        voice.unplayable(event.why);
        break;
      default:
        this.#progress(event, speech);
        if (event.kind === 'audible') timer.audible(event.utteranceId, at);
    }
  }

  /** How far one of our utterances has come. */
  #progress(event: Extract<LineEvent, { utteranceId: string; kind: string }>, speech: Speech): void {
    const { callId, at, utteranceId } = event;
    const { voice, hearing, timer } = speech;
    if (event.kind === 'began') {
      voice.began(utteranceId);
      hearing.ourVoice(true, at);
      timer.began(utteranceId, at);
    } else if (event.kind === 'played') {
      hearing.ourVoice(false, at);
      timer.played(utteranceId);
      const sentMs = voice.soundMs(utteranceId);
      const sound = sentMs === null ? {} : { sound: { sentMs, heardMs: sentMs } };
      if (voice.played(utteranceId)) this.#post(callId, { kind: 'utterancePlayed', utteranceId, ...sound });
    } else if (event.kind === 'cut') {
      const [waiting] = voice.sayings;
      const isOurs = voice.sayings.includes(utteranceId);
      const sentMs = voice.soundMs(utteranceId);
      const heard = voice.cut(utteranceId, event.heardMs);
      hearing.interrupted(at);
      hearing.ourVoice(false, at);
      // One we had dropped already: then it is the first of those that went with it.
      const cutId = isOurs ? utteranceId : waiting;
      const sound =
        isOurs && sentMs !== null ? { sound: { sentMs, heardMs: Math.round(event.heardMs) } } : {};
      if (cutId !== undefined)
        this.#post(callId, { kind: 'utteranceCut', utteranceId: cutId, heard, ...sound });
      timer.interrupted(at);
    }
  }

  #post(callId: string, fact: Fact): void {
    this.#deps.post(callId, { ...fact, at: this.#deps.clock.now() });
  }
}
