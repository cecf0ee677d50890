// Conversation: finds an answer to what a caller said: whole, or sentence by sentence while it is being written.
import type { Call, TranscriptEntry } from '../call/call.ts';
import { background } from '../lib/background.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type AnswerStages, LiveAnswer, type Speaker } from './live-answer.ts';
import type { Agent, AgentAnswer } from './ports.ts';
import { phoneInstructions } from './prompt.ts';
import { spokenText } from './spoken-text.ts';

/** `text` is what is still to be said; `stages` are known when somebody spoke it while it was written. */
export type Answer =
  | { readonly ok: true; readonly text: string; readonly stages?: AnswerStages }
  | { readonly ok: false; readonly why: string };

/** How far the agent's own session knows the call: entries of the transcript, and what it replied itself. */
interface Known {
  readonly entries: number;
  readonly replies: readonly string[];
}

interface Asked {
  readonly turn: number;
  readonly words: string;
  readonly signal: AbortSignal;
  readonly live: LiveAnswer | undefined;
}

/** At most one agent turn runs per call; starting the next one aborts the one before. */
export class Conversation {
  readonly #agent: Agent;
  readonly #log: Log;
  readonly #running = new Map<string, AbortController>();
  readonly #known = new Map<string, Known>();

  constructor(agent: Agent, log: Log) {
    this.#agent = agent;
    this.#log = log;
  }

  /** Prepares the agent while the phone still rings. */
  prepare(call: Call): void {
    const { agentId, sessionKey, voiceModel } = call.settings;
    // A voice model asks it seldom, and in a run of another kind.
    if (voiceModel) return;
    background(
      this.#agent.prewarm({ callId: call.id, agentId, sessionKey }),
      'preparing the agent',
      this.#log,
    );
  }

  /**
   * Runs one turn. Never rejects: a failed run is an answer too; null when the turn was superseded meanwhile. With a
   * `speaker` sentences are given as soon as they are written, none after the turn was dropped.
   */
  async answer(call: Call, turn: number, words: string, speaker?: Speaker): Promise<Answer | null> {
    this.drop(call.id);
    const abort = new AbortController();
    this.#running.set(call.id, abort);
    const live = speaker && new LiveAnswer(speaker);
    abort.signal.addEventListener('abort', () => live?.stop(), { once: true });
    try {
      const answer = await this.#ask(call, { turn, words, signal: abort.signal, live });
      if (abort.signal.aborted) return null;
      const text = live ? live.finish(answer) : spokenText(answer);
      this.#known.set(call.id, { entries: call.transcript.length, replies: [...(live?.said ?? []), text] });
      return { ok: true, text, ...(live && { stages: live.stages }) };
    } catch (error) {
      if (abort.signal.aborted) return null;
      this.#log.warn('the agent gave no answer', { callId: call.id, turn, error: reasonOf(error) });
      return { ok: false, why: reasonOf(error) };
    } finally {
      live?.stop();
      if (this.#running.get(call.id) === abort) this.#running.delete(call.id);
    }
  }

  #ask(call: Call, { turn, words, signal, live }: Asked): Promise<AgentAnswer> {
    const { settings } = call;
    return this.#agent.reply({
      callId: call.id,
      turn,
      agentId: settings.agentId,
      sessionKey: settings.sessionKey,
      words,
      instructions: phoneInstructions({
        direction: call.direction,
        language: settings.language,
        customPrompt: settings.responseSystemPrompt,
        otherParty: call.direction === 'inbound' ? call.from : call.to,
        transcript: this.#unknownToAgent(call),
      }),
      model: settings.responseModel,
      timeoutMs: settings.responseTimeoutMs,
      callerIsOwner: false,
      signal,
      ...(live && { onText: (text) => live.written(text), onModelAsked: () => live.modelAsked() }),
    });
  }

  /** What was said without the agent: our greeting, what others had us say, everything before a restart. */
  #unknownToAgent(call: Call): readonly TranscriptEntry[] {
    const known = this.#known.get(call.id);
    const before = call.transcript.slice(known?.entries ?? 0, -1);
    return before.filter((entry) => entry.speaker === 'caller' || !known?.replies.includes(entry.text));
  }

  /** Aborts the turn that is running for this call, if any. */
  drop(callId: string): void {
    this.#running.get(callId)?.abort(new Error('the turn was superseded'));
    this.#running.delete(callId);
  }

  /** The call is over. */
  release(callId: string): void {
    this.drop(callId);
    this.#known.delete(callId);
    background(this.#agent.release(callId), 'letting go of the agent', this.#log);
  }
}
