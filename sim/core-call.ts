// CoreCall: plays events on the pure core the way the runtime would, without a process: for tests of src/call.
import type { Call, CallSettings, DeadlineName } from '../src/call/call.ts';
import type { Effect } from '../src/call/effect.ts';
import type { CallEvent, Fact } from '../src/call/event.ts';
import {
  type Instruction,
  instructionFor,
  instructionToSend,
  keyOf,
  toldByReply,
  toldByRequest,
} from '../src/call/instruction.ts';
import { newInboundCall, newOutboundCall, newTurnedAwayCall } from '../src/call/new-call.ts';
import { transition } from '../src/call/transition.ts';

export type { Fact } from '../src/call/event.ts';

export const settings: CallSettings = {
  agentId: 'main',
  sessionKey: 'agent:main:voice:15550001234',
  greeting: 'Good morning.',
  language: 'en-US',
  voice: null,
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: 30_000,
  ringTimeoutMs: 30_000,
  maxDurationMs: 300_000,
  transcriptTimeoutMs: 180_000,
  notifyHangupDelayMs: 3_000,
  stream: false,
  voiceModel: false,
  sensitivity: 'medium',
  silenceTimeoutMs: 800,
  tts: null,
  dtmfSequence: null,
  numberRoute: null,
};

export type Kind = 'inbound' | 'turnedAway' | 'outbound' | 'notify';

export interface CallOptions extends Partial<CallSettings> {
  readonly kind?: Kind;
  readonly asks?: boolean;
}

export const START = 1_000_000;

export function newCall({ kind = 'outbound', asks = false, ...changes }: CallOptions = {}): Call {
  const init = {
    id: 'call-1',
    carrier: 'mock',
    asks,
    from: '+15550001234',
    to: '+15550005678',
    at: START,
    settings: { ...settings, ...changes },
  };
  if (kind === 'inbound') return newInboundCall({ ...init, carrierCallId: 'CA1', answerByMs: 45_000 });
  if (kind === 'turnedAway') {
    const told = { cause: 'refused: all lines are busy', sentence: 'All lines are busy.' };
    return newTurnedAwayCall({ ...init, ...told, carrierCallId: 'CA1', answerByMs: 45_000 });
  }
  return newOutboundCall({
    ...init,
    mode: kind === 'notify' ? 'notify' : 'conversation',
    requesterSessionKey: null,
    answerByMs: 45_000,
  });
}

/** What a player's carrier makes of an instruction that is sent by request. */
export type Answers = 'accepts' | 'silent';

/**
 * One call and the carrier it is told to: every instruction is sent as the runtime would send it, and agreed to
 * at once unless the carrier is `silent`. A carrier that asks comes back for its next document at each event.
 */
export class CoreCall {
  call: Call;
  now = START;
  readonly sent: Instruction[] = [];
  readonly effects: Effect[] = [];
  readonly #answers: Answers;

  constructor(options: CallOptions & { readonly answers?: Answers } = {}) {
    const { answers = 'accepts', ...rest } = options;
    this.#answers = answers;
    this.call = newCall(rest);
  }

  /** Something happens now. Returns the player, so that a story can be written in one go. */
  play(...facts: Fact[]): this {
    for (const fact of facts) {
      const event = { ...fact, at: this.now } as CallEvent;
      const { call, effects } = transition(this.call, event);
      this.effects.push(...effects);
      this.call = call;
      this.#tell();
    }
    return this;
  }

  /** The carrier that asks fetches its next document. */
  ask(...facts: Fact[]): Instruction {
    for (const fact of facts) {
      const { call, effects } = transition(this.call, { ...fact, at: this.now } as CallEvent);
      this.effects.push(...effects);
      this.call = call;
    }
    const instruction = instructionFor(this.call);
    this.call = toldByReply(this.call, keyOf(instruction));
    this.sent.push(instruction);
    return instruction;
  }

  /** Time passes; deadlines come due in their order. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (let due = this.#nextDue(until); due; due = this.#nextDue(until)) {
      this.now = Math.max(this.now, due.at);
      this.play({ kind: 'deadlinePassed', name: due.name });
    }
    this.now = until;
    return this;
  }

  /** Time passes until the next deadline only; false when there is none. */
  passOne(): boolean {
    const due = this.#nextDue(Number.POSITIVE_INFINITY);
    if (!due) return false;
    this.now = Math.max(this.now, due.at);
    this.play({ kind: 'deadlinePassed', name: due.name });
    return true;
  }

  get nextDueAt(): number | undefined {
    return this.#nextDue(Number.POSITIVE_INFINITY)?.at;
  }

  /** What the line was told last. */
  get told(): string | null {
    return this.call.line.told;
  }

  /** The transcript as lines: who, what, and what became of it. */
  get lines(): string[] {
    return this.call.transcript.map((entry) =>
      entry.speaker === 'caller' ? `caller: ${entry.text}` : `agent (${entry.outcome}): ${entry.text}`,
    );
  }

  /** The words the agent was asked, in order. */
  get asked(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'askAgent' ? [effect.words] : []));
  }

  #tell(): void {
    const instruction = instructionToSend(this.call);
    if (!instruction) return;
    const key = keyOf(instruction);
    this.call = toldByRequest(this.call, key);
    this.sent.push(instruction);
    if (this.#answers === 'accepts') this.play({ kind: 'tellAccepted', key } as Fact);
  }

  #nextDue(until: number): { name: DeadlineName; at: number } | undefined {
    return (Object.entries(this.call.deadlines) as [DeadlineName, number][])
      .map(([name, at]) => ({ name, at }))
      .filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at)[0];
  }
}
