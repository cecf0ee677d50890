// ModelCall: one call whose conversation a voice model holds: its session, its voice on the line, its tools.
import type { Call } from '../call/call.ts';
import type { Fact } from '../call/event.ts';
import { phrasesFor } from '../call/phrases.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, Lines } from '../media/lines.ts';
import { Farewell } from './farewell.ts';
import { knownWithin } from './known-within.ts';
import { ModelPlayback, type Progress } from './model-playback.ts';
import { instruct, modelInstructions } from './model-prompt.ts';
import type { Reply } from './model-reply.ts';
import { ModelSayings } from './model-sayings.ts';
import { ModelSession } from './model-session.ts';
import type { ConsultPolicy, Toolbox, ToolPolicy } from './model-tools.ts';
import { ModelWords } from './model-words.ts';
import { OneMoment } from './one-moment.ts';
import { Presence } from './presence.ts';
import { ToolDesk } from './tool-desk.ts';
import type { Consultant, ToolCall, VoiceModel } from './voice-model.ts';
import { WordsDue } from './words-due.ts';

/** A call does not wait longer to know who the agent is. */
const CAPSULE_MS = 1_000;
/** What a caller says in one go; more is no speech. */
const MAX_WORDS = 4_000;
/** An answer that is read out as it stands. */
const MAX_READ_OUT = 1_800;

export interface ModelCallDeps {
  /** Never jumps: the time of the line's events. */
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: Lines;
  readonly model: VoiceModel;
  readonly consultant: Consultant;
  readonly tools: Toolbox;
  readonly instructions: string;
  readonly toolPolicy: ToolPolicy;
  readonly consultPolicy: ConsultPolicy;
  readonly post: (fact: Fact) => void;
}

export class ModelCall {
  readonly #deps: ModelCallDeps;
  readonly #capsule: Promise<string>;
  readonly #session: ModelSession;
  readonly #playback: ModelPlayback;
  readonly #words: ModelWords;
  readonly #sayings: ModelSayings;
  readonly #desk: ToolDesk;
  readonly #presence: Presence;
  readonly #farewell: Farewell;
  readonly #oneMoment: OneMoment;
  readonly #wordsDue: WordsDue;
  #call: Call;
  /** Why there is no session any more; a call that only rings does not listen to that yet. */
  #failure: string | null = null;
  #wasBrokenOff = false;
  /** The caller spoke, and no session has heard it yet. */
  #isUnheard = false;
  #isClosed = false;

  /** Opens the model's session at once. */
  constructor(deps: ModelCallDeps, call: Call) {
    const { clock, log, lines, consultant } = deps;
    const callId = call.id;
    this.#deps = deps;
    this.#call = call;
    this.#capsule = knownWithin(clock, CAPSULE_MS, consultant.capsule(call.settings.agentId));
    this.#presence = new Presence(clock, {
      onSpeaks: () => this.#post({ kind: 'callerSpeaks' }),
      onLost: () => this.#end('timeout', 'nothing arrived from the carrier any more'),
    });
    this.#farewell = new Farewell(clock, {
      onHeard: () =>
        this.#end(
          'hangup-bot',
          this.#session.isGone ? 'the voice provider hung up' : 'the voice model hung up',
        ),
    });
    this.#words = new ModelWords(clock, (text, isCut) => this.#post({ kind: 'modelSaid', text, isCut }));
    this.#playback = new ModelPlayback(
      { clock, log, lines, callId },
      {
        onReply: () => {
          const claimed = this.#sayings.claim();
          return { ...claimed, interruptible: !claimed.isVital && !this.#session.interruptsItself };
        },
        onBegun: (reply) => {
          this.#words.begin(reply);
          this.#farewell.began();
          this.#wordsDue.known();
        },
        onHeard: (...heard) => this.#heardOf(...heard),
      },
    );
    this.#sayings = this.#newSayings(call);
    this.#desk = this.#newDesk();
    this.#oneMoment = new OneMoment(
      { lines, callId, language: call.settings.language },
      {
        isFree: () => this.#playback.isIdle && !this.#sayings.isBusy,
        ask: () => this.#sayings.note(instruct.working, false),
      },
    );
    this.#wordsDue = new WordsDue(clock, {
      quietMs: () => this.#presence.quietMs,
      onMissing: () => {
        if (this.#playback.isIdle) this.#goOn();
      },
    });
    this.#session = this.#newSession();
  }

  /** The call has changed: says what it wants said. */
  follow(call: Call): void {
    this.#call = call;
    if (this.#failure !== null && call.stream !== null) {
      this.#post({ kind: 'speechFailed', why: this.#failure });
      return;
    }
    if (call.phase === 'live') this.#session.needed();
    this.#sayings.follow(call);
  }

  /** The caller did this, which the model cannot hear. */
  tell(words: string): void {
    this.#session.tell(words);
  }

  heard(event: LineEvent): void {
    const { at } = event;
    switch (event.kind) {
      case 'opened':
        this.#playback.held(false, at);
        this.#presence.opened();
        this.#post({ kind: 'streamOpened', n: event.n });
        break;
      case 'closed':
        this.#closed(event);
        break;
      case 'audio':
        this.#presence.media();
        // A machine that asks for keys is not to be talked to.
        if (!this.#sayings.isDialling) this.#session.hear(event.mulaw);
        break;
      case 'voice':
        this.#presence.caller(event.isSpeaking);
        if (event.isSpeaking) {
          this.#wordsDue.spoken();
          if (!this.#session.isReady) this.#isUnheard = true;
        }
        if (!event.isSpeaking) this.#sayings.pump();
        break;
      case 'digit':
        this.#post({ kind: 'digitsReceived', digits: event.digit, turn: null });
        break;
      case 'words':
        this.#post({ kind: 'callerSaid', text: event.text, turn: null });
        break;
      case 'held':
        this.#playback.held(!event.isOver, at);
        this.#presence.model(this.#playback.isPlaying);
        break;
      case 'levels':
        // For those who look on.
        break;
      default:
        this.#progress(event);
    }
  }

  /** The carrier speaks from now on. What nobody heard or answered is asked for again, for the agent to answer. */
  leave(): void {
    const { transcript, settings } = this.#call;
    const latest = transcript.at(-1);
    const isUnanswered = latest?.speaker === 'caller' || this.#desk.isAsking;
    const isOwed = latest && (isUnanswered || this.#isUnheard || this.#wordsDue.areDue);
    const text = phrasesFor(settings.language).apology;
    if (isOwed) this.#deps.post({ kind: 'speakRequested', requestId: 'voice-model-lost', text });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#desk.close();
    this.#words.close();
    this.#isClosed = true;
    this.#session.close();
    this.#sayings.close();
    this.#playback.close();
    this.#presence.close();
    this.#farewell.close();
    this.#wordsDue.close();
  }

  #newSession(): ModelSession {
    const { clock, log, model, tools } = this.#deps;
    const { id: callId, settings } = this.#call;
    const { agentId, sessionKey, language } = settings;
    const heardMs = (): number => this.#playback.heardMs;
    return new ModelSession(
      { clock, log, model },
      {
        callId,
        agentId,
        sessionKey,
        language,
        tools: tools.offered,
        heardMs,
        instructions: () => this.#instructions(),
      },
      {
        onReady: (isAgain) => this.#ready(isAgain),
        onSound: (replyId, mulaw) => {
          if (this.#call.phase === 'live') this.#playback.sound(replyId, mulaw);
        },
        onReplyOver: (replyId) => this.#playback.over(replyId),
        onInterrupted: () => this.#interrupted(),
        onHeard: (text, isFinal) => this.#callerSaid(text, isFinal),
        onSaid: (text, isFinal) => {
          this.#words.said(text, isFinal);
          if (isFinal) this.#playback.spoken();
        },
        onTool: (call, session) => this.#tool(call, session),
        onToolWithdrawn: (id, session) => this.#desk.withdrawn(`${session}:${id}`),
        onBroken: () => {
          this.#wasBrokenOff = this.#playback.brokeOff() || this.#wasBrokenOff;
          this.#sayings.broken();
        },
        onGone: (why, isOver) => this.#gone(why, isOver),
      },
    );
  }

  #newSayings(call: Call): ModelSayings {
    const { clock, log, lines } = this.#deps;
    return new ModelSayings(
      { clock, log, lines, callId: call.id },
      {
        isReady: () => this.#session.isReady,
        isIdle: () => this.#playback.isIdle,
        isCallerSpeaking: () => this.#presence.isCallerSpeaking,
        instruct: (instruction) => this.#session.instruct(instruction),
        takeFloor: () => this.#silence(),
        onPlayed: (utteranceId) => this.#post({ kind: 'utterancePlayed', utteranceId }),
        onCut: (utteranceId, heard) => this.#post({ kind: 'utteranceCut', utteranceId, heard }),
        isAsking: () => this.#desk.isAsking,
        onMute: () => this.#session.giveUp('it does not speak'),
        onSilent: () => this.#oneMoment.silent(),
      },
      call,
    );
  }

  #newDesk(): ToolDesk {
    return new ToolDesk(this.#deps, {
      about: () => {
        const { id: callId, settings, requesterSessionKey, transcript } = this.#call;
        const { agentId, sessionKey, responseTimeoutMs: timeoutMs } = settings;
        return { callId, agentId, sessionKey, requesterSessionKey, transcript, timeoutMs };
      },
      onEndCall: (answer) => this.#farewell.begin(!this.#playback.isIdle, answer),
      onWaiting: (nth) => {
        // It is we who are silent.
        this.#post({ kind: 'callerSpeaks' });
        this.#oneMoment.waiting(nth);
      },
      onAnswer: (text) =>
        this.#sayings.note(
          text === null ? instruct.noAnswer : instruct.answer(text.slice(0, MAX_READ_OUT)),
          true,
        ),
    });
  }

  async #instructions(): Promise<string> {
    const { instructions, toolPolicy, consultPolicy } = this.#deps;
    const capsule = await this.#capsule;
    return modelInstructions({ call: this.#call, instructions, toolPolicy, consultPolicy, capsule });
  }

  #ready(isAgain: boolean): void {
    // What is being heard to its end answers the caller, though it is not on record before that.
    const isUnanswered = this.#call.transcript.at(-1)?.speaker === 'caller' && this.#playback.isIdle;
    const isOwed = this.#wasBrokenOff || isUnanswered;
    this.#wasBrokenOff = false;
    this.#isUnheard = false;
    if (isAgain && isOwed) this.#goOn();
    if (isAgain) this.#wordsDue.expect();
    this.#sayings.pump();
  }

  /** Nobody is left waiting by a break: somebody goes on, the model or the agent it asked. */
  #goOn(): void {
    if (!this.#desk.isAsking && !this.#sayings.isBusy) this.#sayings.note(instruct.goOn, true);
  }

  #gone(why: string, isOver: boolean): void {
    if (isOver && this.#call.phase === 'live') {
      this.#sayings.giveBack();
      this.#farewell.begin(!this.#playback.isIdle, null);
      return;
    }
    this.#failure = why;
    this.#post({ kind: 'speechFailed', why });
  }

  /** Whatever the model is saying ends here. */
  #silence(): void {
    if (this.#playback.isIdle) return;
    this.#session.interrupted(this.#playback.heardMs);
    this.#playback.stop(true);
  }

  /** The provider noticed that the caller interrupts the model. */
  #interrupted(): void {
    if (this.#playback.stop() || this.#playback.isIdle) this.#farewell.interrupted();
    this.#presence.model(this.#playback.isPlaying);
    this.#sayings.pump();
  }

  #callerSaid(text: string, isFinal: boolean): void {
    const words = text.slice(0, MAX_WORDS).trim();
    if (words === '') return;
    this.#presence.words();
    const isOverUs = !this.#playback.isIdle;
    if (!this.#session.interruptsItself && (isOverUs || this.#presence.isCallerSpeaking))
      this.#deps.lines.understood(this.#call.id, words);
    if (!isFinal) {
      this.#desk.callerSays(words);
      return;
    }
    this.#wordsDue.known();
    this.#words.flush();
    this.#post({ kind: 'callerHeard', text: words });
    this.#desk.callerSaid(words, isOverUs);
  }

  #tool(call: ToolCall, session: number): void {
    this.#desk.run({ ...call, id: `${session}:${call.id}` }, (result, isProgress) => {
      const isTold = this.#session.toolResult(session, call.id, result, isProgress);
      const { text } = result;
      // Whoever asked is gone; the caller still waits for the answer.
      if (!isTold && !isProgress && typeof text === 'string')
        this.#sayings.note(instruct.answer(text.slice(0, MAX_READ_OUT)), true);
    });
  }

  /** A reply is over for the caller. */
  #heardOf(reply: Reply, heardMs: number, isCut: boolean): void {
    this.#presence.model(this.#playback.isPlaying);
    if (this.#sayings.ended(reply, heardMs, isCut)) this.#words.forget(reply);
    else this.#words.ended({ reply, heardMs, isCut });
    if (!isCut && this.#playback.isIdle) this.#farewell.heard();
    this.#sayings.pump();
  }

  #progress(event: Progress): void {
    const { utteranceId } = event;
    if (event.kind === 'cut') {
      this.#session.interrupted(this.#playback.isLatest(utteranceId) ? event.heardMs : 0);
      this.#farewell.interrupted();
    }
    if (this.#playback.progress(event)) this.#presence.model(this.#playback.isPlaying);
    else if (event.kind === 'played' || event.kind === 'unplayable')
      this.#sayings.keysOver(utteranceId, event.kind === 'played');
  }

  #closed({ n, why, isOver, at }: Extract<LineEvent, { readonly kind: 'closed' }>): void {
    this.#presence.closed();
    this.#presence.caller(false);
    // The call is over with it, most likely: what was heard until now must be on record before that.
    if (isOver) {
      this.#silence();
      this.#words.flush();
    }
    this.#playback.held(true, at);
    this.#presence.model(false);
    this.#post({ kind: 'streamClosed', n, why, ...(isOver && { isOver: true }) });
  }

  #end(reason: 'timeout' | 'hangup-bot', cause: string): void {
    this.#post({ kind: 'endRequested', end: { reason, cause }, afterReply: false });
  }

  #post(fact: Fact): void {
    if (!this.#isClosed) this.#deps.post(fact);
  }
}
