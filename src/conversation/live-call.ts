// LiveCall: one call on which our voice speaks the words of the agent, and what our ear hears becomes turns.
import type { Call } from '../call/call.ts';
import type { Fact } from '../call/event.ts';
import { isInterruptible, utterancesToPlay } from '../call/instruction.ts';
import { phrasesFor } from '../call/phrases.ts';
import type { LineEvent } from '../media/lines.ts';
import { Hearing } from './hearing.ts';
import type { AnswerStages } from './live-answer.ts';
import type { Transcriber } from './ports.ts';
import type { TurnEnd } from './turn.ts';
import { TurnTimer } from './turn-timer.ts';
import { Voice, type VoiceDeps } from './voice.ts';

/** `clock` is the one the line's events are timed by. */
interface LiveCallDeps extends VoiceDeps {
  readonly transcriber: Transcriber;
  readonly post: (fact: Fact) => void;
}

export class LiveCall {
  readonly #deps: LiveCallDeps;
  readonly #callId: string;
  readonly #settings: Call['settings'];
  readonly #voice: Voice;
  readonly #hearing: Hearing;
  readonly #timer: TurnTimer;
  /** Why we cannot speak or hear any more; a call that only rings does not listen to that yet. */
  #failure: string | null = null;

  /** Opens the transcriber at once. */
  constructor(deps: LiveCallDeps, call: Call) {
    this.#deps = deps;
    this.#callId = call.id;
    this.#settings = call.settings;
    this.#timer = new TurnTimer((turn, stages) => deps.post({ kind: 'turnTimed', turn, stages }));
    this.#voice = new Voice(deps, call, {
      onSound: (utteranceId) => this.#timer.sounded(utteranceId, deps.clock.now()),
      onFailed: (why) => this.#failed(why),
    });
    this.#hearing = this.#newHearing();
  }

  /** The phone rings. */
  prepare(): void {
    const { greeting, language } = this.#settings;
    if (greeting !== null) this.#voice.prepare(greeting);
    // Whoever waits for an answer must not wait for this too.
    this.#voice.prepare(phrasesFor(language).oneMoment);
  }

  /** The call has changed: says what it wants said, and nothing else any more. */
  follow(call: Call): void {
    this.#timer.follow(call);
    const why = this.#failure;
    if (why !== null && call.stream !== null) this.#deps.post({ kind: 'speechFailed', why });
    this.#play(call);
  }

  /** The answer to `turn` begins with `text`. */
  answering(turn: number, text: string, stages: AnswerStages): void {
    this.#timer.answering(turn, text, stages);
  }

  /** Something happened on the line. */
  heard(event: LineEvent): void {
    const { at } = event;
    const hearing = this.#hearing;
    const { post } = this.#deps;
    switch (event.kind) {
      case 'opened':
        post({ kind: 'streamOpened', n: event.n });
        break;
      case 'closed':
        hearing.voice(false, at);
        hearing.ourVoice(false, at);
        post({
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
        post({ kind: 'digitsReceived', digits: event.digit, turn: null });
        break;
      case 'levels':
        // For those who look on.
        break;
      case 'words':
        this.#said({ words: event.text, speechEndAt: at, transcriptAt: at });
        break;
      case 'held':
        // Until it is an interruption, we are still the one who speaks.
        break;
      case 'unplayable':
        this.#voice.unplayable(event.why);
        break;
      default:
        this.#progress(event);
        if (event.kind === 'audible') this.#timer.audible(event.utteranceId, at);
    }
  }

  /** The carrier speaks and listens from now on. It never heard what the caller says just now. */
  leave(): void {
    const text = phrasesFor(this.#settings.language).apology;
    if (this.#hearing.isUnheard) this.#deps.post({ kind: 'speakRequested', requestId: 'words-lost', text });
  }

  close(): void {
    this.#voice.close();
    this.#hearing.close();
  }

  #newHearing(): Hearing {
    const { lines, post } = this.#deps;
    const callId = this.#callId;
    const { agentId, language, silenceTimeoutMs } = this.#settings;
    return new Hearing(
      this.#deps,
      { callId, agentId, language, silenceTimeoutMs },
      {
        onTurn: (end) => this.#said(end),
        onSpeaks: () => post({ kind: 'callerSpeaks' }),
        onWords: (text) => {
          if (this.#hearing.isAnyVoiceOn) lines.understood(callId, text);
        },
        onFailed: (why) => this.#failed(why),
      },
    );
  }

  #failed(why: string): void {
    this.#failure = why;
    this.#deps.post({ kind: 'speechFailed', why });
  }

  #play(call: Call): void {
    const voice = this.#voice;
    const wanted = utterancesToPlay(call);
    const ids = new Set(wanted.map(({ id }) => id));
    const gone = voice.sayings.filter((id) => !ids.has(id));
    const isSilenced = voice.playing !== null && gone.includes(voice.playing);
    if (gone.length > 0) voice.drop(gone);
    if (isSilenced) this.#hearing.ourVoice(false, this.#deps.clock.now());
    for (const utterance of wanted) voice.say(utterance, isInterruptible(call, utterance));
  }

  #said(end: TurnEnd): void {
    this.#timer.ended(end);
    this.#deps.post({ kind: 'callerSaid', text: end.words, turn: null });
  }

  /** How far one of our utterances has come. */
  #progress(event: Extract<LineEvent, { utteranceId: string; kind: string }>): void {
    const { at, utteranceId } = event;
    const { post } = this.#deps;
    const voice = this.#voice;
    const hearing = this.#hearing;
    const timer = this.#timer;
    if (event.kind === 'began') {
      voice.began(utteranceId);
      hearing.ourVoice(true, at);
      timer.began(utteranceId, at);
    } else if (event.kind === 'played') {
      hearing.ourVoice(false, at);
      timer.played(utteranceId);
      const sentMs = voice.soundMs(utteranceId);
      const sound = sentMs === null ? {} : { sound: { sentMs, heardMs: sentMs } };
      if (voice.played(utteranceId)) post({ kind: 'utterancePlayed', utteranceId, ...sound });
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
      if (cutId !== undefined) post({ kind: 'utteranceCut', utteranceId: cutId, heard, ...sound });
      timer.interrupted(at);
    }
  }
}
