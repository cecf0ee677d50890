// VoiceSession: one session of a voice model of the host behind our port: it is lost once, and tells nothing afterwards.
import type { RealtimeVoiceProvider } from 'openclaw/plugin-sdk/realtime-voice';
import { CONSULT } from '../conversation/model-tools.ts';
import type { VoiceModelCall, VoiceModelListener, VoiceModelSession } from '../conversation/voice-model.ts';
import { Delegations } from './delegations.ts';
import { HeardReplies } from './heard-replies.ts';

export type BridgeRequest = Parameters<RealtimeVoiceProvider['createBridge']>[0];
export type Bridge = ReturnType<RealtimeVoiceProvider['createBridge']>;

export interface VoiceSessionInit {
  readonly call: Pick<VoiceModelCall, 'heardMs' | 'tools'>;
  readonly listener: VoiceModelListener;
  /** What of the request the session does not decide itself. */
  readonly create: (callbacks: SessionCallbacks) => Bridge;
  /** The provider notices interruptions by itself, unless the bridge knows better. */
  readonly interruptsItself: boolean;
  /** As it may stand in a log. */
  readonly safe: (error: unknown) => string;
  /** What went wrong without ending the session. */
  readonly onTrouble: (why: string) => void;
}

type SessionCallbacks = Pick<
  BridgeRequest,
  | 'onAudio'
  | 'onClearAudio'
  | 'onMark'
  | 'onTranscript'
  | 'onToolCall'
  | 'onResponseDone'
  | 'onReady'
  | 'onError'
  | 'onClose'
  | 'onEvent'
  | 'getPlaybackState'
  | 'runAgentConsult'
>;

/** The provider may be away for so much of the caller's sound, and go on by itself. */
const LOST_MS = 3_000;
/** A reply the provider gave no name. */
const UNNAMED = 'reply-';

class HostVoiceSession implements VoiceModelSession {
  readonly ready: Promise<void>;
  readonly #init: VoiceSessionInit;
  readonly #opened = Promise.withResolvers<void>();
  readonly #heard: HeardReplies;
  readonly #delegations: Delegations;
  readonly #bridge: Bridge;
  /** What was said so far of a text that is not final. */
  readonly #partial = { user: '', assistant: '' };
  #phase: 'opening' | 'ready' | 'over' = 'opening';
  /** The reply whose sound came last; null between two. */
  #replyId: string | null = null;
  #count = 0;
  /** What still comes of it is not heard. */
  #voidId: string | null = null;
  #isCutting = false;
  /** The caller waits for a reply, or for the rest of one. */
  #isOwing = false;
  #lostSinceMs: number | null = null;
  #streamMs = 0;
  #trouble: string | null = null;

  constructor(init: VoiceSessionInit) {
    this.#init = init;
    this.#heard = new HeardReplies(init.call.heardMs);
    this.#delegations = new Delegations(
      (call) => this.#tell(() => init.listener.onTool(call)),
      (id) => this.#tell(() => init.listener.onToolWithdrawn(id)),
    );
    this.ready = this.#opened.promise;
    // Whoever gave up on it does not wait any more.
    this.ready.catch(() => undefined);
    this.#bridge = init.create(this.#callbacks());
    this.#bridge.connect().then(
      () => {
        if (this.#attempt(() => this.#bridge.isConnected())) this.#open();
      },
      (error: unknown) => this.#lose(init.safe(error)),
    );
  }

  get interruptsItself(): boolean {
    return this.#bridge.handlesInputAudioBargeIn ?? this.#init.interruptsItself;
  }

  hear(mulaw: Uint8Array, streamMs: number): void {
    if (this.#phase !== 'ready') return;
    this.#heardUntil(streamMs);
    if (this.#isLostFor(streamMs)) {
      this.#lose(this.#trouble ?? 'the connection to the provider was lost');
      return;
    }
    this.#use((bridge) => {
      bridge.setMediaTimestamp(Math.round(streamMs));
      bridge.sendAudio(Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.byteLength));
    });
  }

  instruct(instruction: string): void {
    this.#use((bridge) => {
      if (bridge.triggerGreeting) bridge.triggerGreeting(instruction);
      else if (bridge.sendUserMessage) bridge.sendUserMessage(instruction);
      else throw new Error('the provider takes no instructions');
    });
  }

  tell(words: string): void {
    this.#use((bridge) => {
      if (!bridge.sendUserMessage) throw new Error('the provider takes no messages');
      bridge.sendUserMessage(words);
    });
  }

  toolResult(id: string, result: Readonly<Record<string, unknown>>, isProgress: boolean): void {
    if (this.#delegations.answer(id, result, isProgress)) return;
    if (isProgress) this.#progress(id, result);
    else this.#result(id, result);
  }

  interrupted(heardMs: number): void {
    if (this.#phase !== 'ready') return;
    this.#heard.look(this.#streamMs);
    this.#heard.cut(heardMs);
    this.#isCutting = true;
    // A provider that sends sound all the time has no replies to be cut.
    if (this.#bridge.outputAudioMode !== 'continuous') {
      this.#voidId = this.#replyId;
      this.#use((bridge) => bridge.handleBargeIn?.({ audioPlaybackActive: true, force: true }));
    }
    this.#isCutting = false;
    this.#heard.clear();
  }

  close(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#opened.reject(new Error('the session was closed'));
    this.#delegations.close();
    this.#attempt(async () => this.#bridge.close())?.catch(() => undefined);
  }

  #callbacks(): SessionCallbacks {
    const { call } = this.#init;
    const isOffered = call.tools.some(({ name }) => name === CONSULT);
    return {
      onAudio: (sound, metadata) => this.#tell(() => this.#sounds(sound, metadata?.itemId ?? null)),
      onClearAudio: () => this.#tell(() => this.#interrupted()),
      onMark: (name, acknowledge) =>
        this.#heard.mark(() => {
          if (acknowledge) this.#attempt(acknowledge);
          else this.#attempt(() => this.#bridge.acknowledgeMark(name));
        }),
      onTranscript: (role, text, isFinal) => this.#tell(() => this.#said(role, text, isFinal)),
      onToolCall: ({ callId, name, args }) =>
        this.#tell(() => {
          this.#isOwing = false;
          this.#init.listener.onTool({ id: callId, name, args });
        }),
      onResponseDone: (outcome) =>
        this.#tell(() => {
          this.#over();
          if (outcome.status === 'failed') this.#lose(this.#init.safe(outcome.message));
        }),
      onReady: () => this.#open(),
      onError: (error) => this.#troubled(error),
      onClose: (reason) =>
        this.#lose(this.#trouble ?? 'the provider closed the session', reason === 'completed'),
      onEvent: ({ type }) => {
        // The provider would go on by itself, but without knowing what was said; whoever opened us can tell it.
        if (type === 'session.continuity.reset') this.#lose(this.#trouble ?? 'the provider lost the session');
      },
      getPlaybackState: () => this.#playback(),
      ...(isOffered && { runAgentConsult: (asked) => this.#delegations.ask(asked) }),
    };
  }

  #heardUntil(streamMs: number): void {
    this.#streamMs = streamMs;
    this.#heard.look(streamMs);
  }

  /** What was heard of each reply that was not heard to its end. */
  #playback(): { itemId: string; audioEndMs: number }[] {
    // While we cut it, we know better than the line does.
    if (!this.#isCutting) this.#heard.look(this.#streamMs);
    return this.#heard.unfinished
      .filter(({ id }) => !id.startsWith(UNNAMED))
      .map(({ id, heardMs }) => ({ itemId: id, audioEndMs: heardMs }));
  }

  #open(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'ready';
    this.#opened.resolve();
  }

  #sounds(sound: Buffer, itemId: string | null): void {
    const replyId = itemId ?? this.#replyId ?? `${UNNAMED}${++this.#count}`;
    if (replyId !== this.#replyId) this.#over();
    this.#replyId = replyId;
    if (replyId === this.#voidId || sound.length === 0) return;
    // One that sends sound all the time tells no beginnings.
    if (this.#bridge.outputAudioMode !== 'continuous') this.#isOwing = true;
    this.#heard.sound(replyId, sound.length);
    this.#init.listener.onSound(replyId, sound);
  }

  #over(): void {
    const replyId = this.#replyId;
    this.#replyId = null;
    this.#isOwing = false;
    if (replyId === null) return;
    this.#heard.over(replyId);
    if (replyId !== this.#voidId) this.#init.listener.onReplyOver(replyId);
  }

  #interrupted(): void {
    // What follows our own cut is no news.
    if (this.#isCutting) return;
    this.#replyId = null;
    this.#isOwing = false;
    this.#init.listener.onInterrupted();
    this.#heard.clear();
  }

  #said(role: 'user' | 'assistant', text: string, isFinal: boolean): void {
    const { onHeard, onSaid } = this.#init.listener;
    const whole = isFinal ? text : this.#partial[role] + text;
    this.#partial[role] = isFinal ? '' : whole;
    // With its last word the model has made all of a reply, even where its end is told when it could have been heard.
    if (isFinal && whole.trim() !== '') this.#isOwing = role === 'user';
    if (role === 'user') onHeard(whole, isFinal);
    else onSaid(whole, isFinal);
    // What comes now answers these words, also where a provider does not tell when a reply is over.
    if (role === 'user' && isFinal && this.#replyId === this.#voidId) this.#replyId = null;
    // Without the ends of replies, the end of its words is the end of one.
    if (role === 'assistant' && isFinal && this.#bridge.outputAudioMode === 'continuous') this.#over();
  }

  /** A provider that cannot take one hears of the answer only. */
  #progress(id: string, result: Readonly<Record<string, unknown>>): void {
    if (this.#phase !== 'ready' || this.#bridge.supportsToolResultContinuation !== true) return;
    const submit = async (): Promise<void> =>
      this.#bridge.submitToolResult(id, result, { willContinue: true });
    submit().catch((error: unknown) => this.#troubled(error));
  }

  /** Without its result the model would wait in silence. */
  #result(id: string, result: Readonly<Record<string, unknown>>): void {
    if (this.#phase !== 'ready') return;
    // Nobody waits for a cancelled answer: it must not make the model speak.
    const options = result['status'] === 'cancelled' ? { suppressResponse: true } : undefined;
    const submit = async (): Promise<void> => this.#bridge.submitToolResult(id, result, options);
    submit().catch((error: unknown) => this.#lose(this.#init.safe(error)));
  }

  #isLostFor(streamMs: number): boolean {
    if (this.#attempt(() => this.#bridge.isConnected())) {
      this.#lostSinceMs = null;
      return false;
    }
    // A provider that comes back by itself does not go on with what it was saying: the caller would wait in silence.
    if (this.#isOwing) return true;
    // Nor does it tell the end of what it had said.
    this.#over();
    this.#lostSinceMs ??= streamMs;
    return streamMs - this.#lostSinceMs >= LOST_MS;
  }

  #troubled(error: unknown): void {
    const why = this.#init.safe(error);
    this.#trouble = why;
    if (this.#phase !== 'over') this.#init.onTrouble(why);
  }

  #lose(why: string, isOver = false): void {
    const wasReady = this.#phase === 'ready';
    if (this.#phase === 'over') return;
    this.#opened.reject(new Error(why));
    this.close();
    if (wasReady) this.#init.listener.onGone(why, isOver);
  }

  /** Every method of a bridge throws once the provider's plugin was reloaded. */
  #use(what: (bridge: Bridge) => void): void {
    if (this.#phase !== 'ready') return;
    try {
      what(this.#bridge);
    } catch (error) {
      this.#lose(this.#init.safe(error));
    }
  }

  #attempt<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch {
      return undefined;
    }
  }

  #tell(what: () => void): void {
    if (this.#phase !== 'over') what();
  }
}

/** Throws when the provider cannot make a bridge. */
export function voiceSession(init: VoiceSessionInit): VoiceModelSession {
  return new HostVoiceSession(init);
}
