// CallLoop: runs one call: event -> transition -> save -> act. One event at a time; save, then act.
import type { Call } from '../call/call.ts';
import type { Effect } from '../call/effect.ts';
import type { CallEvent } from '../call/event.ts';
import {
  type Instruction,
  instructionFor,
  instructionToSend,
  keyOf,
  toldByReply,
  toldByRequest,
} from '../call/instruction.ts';
import { transition } from '../call/transition.ts';
import type { Carrier, Transport, WireReply } from '../carrier/carrier.ts';
import type { Answer, Conversation } from '../conversation/conversation.ts';
import type { Speaker } from '../conversation/live-answer.ts';
import type { Speech } from '../conversation/speech.ts';
import { background } from '../lib/background.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Journal } from '../record/journal.ts';
import { Deadlines } from './deadlines.ts';
import { Watchers } from './watch.ts';

/**
 * How long an asking carrier is kept waiting for something to do before it is told to ask again. Twilio gives
 * up after 15 s; a held question costs nothing and saves the round trip of a request when the agent answers.
 */
const HOLD_MS = 8_000;
/** How long a line that asks is left alone when our process leaves: time for the next one to come and tell it. */
const AWAY: Instruction = { kind: 'wait', forMs: 15_000 };

export interface LoopDeps {
  readonly clock: Clock;
  /** Where every step goes; must not throw. */
  readonly journal: Pick<Journal, 'save'>;
  readonly carrier: Carrier;
  readonly transport: Transport;
  readonly conversation: Conversation;
  readonly speech: Speech | null;
  readonly steady: Clock;
  readonly log: Log;
  /** Told after every step; must not throw. */
  readonly observe: (call: Call, event: CallEvent) => void;
}

interface Held {
  readonly answer: (reply: WireReply) => void;
  readonly cancel: Cancel;
}

export class CallLoop {
  readonly #deps: LoopDeps;
  readonly #deadlines: Deadlines;
  readonly #watchers: Watchers;
  readonly #inbox: CallEvent[] = [];
  #call: Call;
  #busy = false;
  #asking = false;
  #abandoned = false;
  #asleep: boolean;
  #held: Held | null = null;
  #telling: AbortController | null = null;
  #tells: Promise<void> = Promise.resolve();

  /** A call taken up after a restart is `asleep`: until something is known of it, no deadline comes due. */
  constructor(call: Call, deps: LoopDeps, { asleep }: { readonly asleep: boolean }) {
    this.#call = call;
    this.#asleep = asleep;
    this.#deps = deps;
    this.#watchers = new Watchers(deps.clock);
    this.#deadlines = new Deadlines(deps.clock, (name) =>
      this.post({ kind: 'deadlinePassed', at: deps.clock.now(), name }),
    );
    if (!asleep) this.#deadlines.follow(call.deadlines);
  }

  get isAsleep(): boolean {
    return this.#asleep;
  }

  get call(): Call {
    return this.#call;
  }

  /** Takes an event; everything it leads to has been saved and begun when this returns. */
  post(event: CallEvent): void {
    if (this.#abandoned) return;
    if (this.#asleep) this.#wake(event);
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inbox.shift(); next; next = this.#inbox.shift()) this.#step(next);
    } finally {
      this.#busy = false;
    }
  }

  /** The first news after a restart: unless it is the end, the call is taken up before it is told. */
  #wake({ kind, at }: CallEvent): void {
    this.#asleep = false;
    this.#deadlines.follow(this.#call.deadlines);
    if (kind !== 'restored' && kind !== 'carrierEnded') this.#inbox.push({ kind: 'restored', at });
  }

  /** The carrier asks what to do: takes the events it brings, then answers; at most HOLD_MS later. */
  ask(events: readonly CallEvent[]): Promise<WireReply> {
    if (this.#abandoned) return Promise.resolve(this.#deps.carrier.asReply(this.#call, AWAY));
    this.#releaseHeld({ kind: 'wait' });
    this.#asking = true;
    try {
      for (const event of events) this.post(event);
    } finally {
      this.#asking = false;
    }
    const instruction = instructionFor(this.#call);
    const over = this.#call.phase === 'ended' || this.#call.phase === 'ending';
    if (instruction.kind !== 'wait' || over) return Promise.resolve(this.#reply(instruction));
    return new Promise((answer) => {
      const { clock } = this.#deps;
      const cancel = clock.at(clock.now() + HOLD_MS, () => this.#releaseHeld({ kind: 'wait' }));
      this.#held = { answer, cancel };
    });
  }

  /** Our address is another one: who asked at the old one does not hear the answer. */
  moved(): void {
    this.#releaseHeld({ kind: 'wait' });
    this.post({ kind: 'addressChanged', at: this.#deps.clock.now() });
  }

  /** Sends the line what it should be doing, if it does not know yet: after a restart, for example. */
  instruct(): void {
    const instruction = instructionToSend(this.#call);
    if (instruction) this.#request(instruction);
  }

  until<T>(look: (call: Call) => T | undefined, limit: { withinMs: number; late: () => T }): Promise<T> {
    return this.#watchers.until(this.#call, look, limit);
  }

  /** Stops the clockwork without touching the call: the process is leaving, the journal keeps it. */
  abandon(): void {
    this.#deadlines.follow({});
    this.#releaseHeld(AWAY);
    // What still comes in belongs to the next process; the store may be closed any moment.
    this.#abandoned = true;
    this.#telling?.abort(new Error('shutting down'));
    this.#deps.conversation.drop(this.#call.id);
    this.#deps.speech?.release(this.#call.id);
    this.#watchers.abandon(new VoiceCallError('VC_NOT_RUNNING', { why: 'it is shutting down' }));
  }

  #step(event: CallEvent): void {
    const { call, effects } = transition(this.#call, event);
    if (call === this.#call) return;
    const { next, reply, byRequest } = this.#tell(call);
    this.#deps.journal.save(next, event);
    this.#call = next;
    this.#deadlines.follow(next.deadlines);
    for (const effect of effects) this.#perform(effect);
    this.#deps.speech?.follow(next);
    if (reply) this.#answerHeld(reply);
    if (byRequest) this.#send(byRequest);
    if (next.phase === 'ended') this.#over();
    this.#deps.observe(next, event);
    this.#watchers.changed(next);
  }

  /** Decides how the line learns of a change, so that it is saved together with the change. */
  #tell(call: Call): { next: Call; reply?: WireReply; byRequest?: Instruction } {
    if (this.#asking) return { next: call };
    const wanted = instructionFor(call);
    if (this.#held) {
      if (wanted.kind === 'wait' && call.phase !== 'ended') return { next: call };
      const reply = this.#deps.carrier.asReply(call, wanted);
      return { next: toldByReply(call, keyOf(wanted)), reply };
    }
    const toSend = instructionToSend(call);
    if (!toSend) return { next: call };
    return { next: toldByRequest(call, keyOf(toSend)), byRequest: toSend };
  }

  #note(call: Call, key: string): void {
    const noted = { kind: 'lineTold', at: this.#deps.clock.now(), key };
    this.#deps.journal.save(call, noted);
  }

  #perform(effect: Effect): void {
    const { conversation, clock, speech } = this.#deps;
    if (effect.kind === 'dropAgent') {
      conversation.drop(this.#call.id);
      return;
    }
    if (effect.kind === 'tellModel') {
      speech?.tell(this.#call.id, effect.words);
      return;
    }
    const { turn, words } = effect;
    const work = conversation.answer(this.#call, turn, words, this.#speaker(turn)).then((answer) => {
      if (answer !== null) this.#answered(turn, answer, clock.now());
    });
    background(work, 'an agent turn', this.#deps.log);
  }

  #answered(turn: number, answer: Answer, at: number): void {
    if (!answer.ok) {
      this.post({ kind: 'agentFailed', at, turn, why: answer.why });
      return;
    }
    const { text, stages } = answer;
    if (stages && text !== '') this.#deps.speech?.answering(this.#call.id, turn, text, stages);
    this.post({ kind: 'agentReplied', at, turn, text });
  }

  /** On a media stream the answer is spoken while it is written. */
  #speaker(turn: number): Speaker | undefined {
    const { speech, steady: clock } = this.#deps;
    if (this.#call.stream === null || !speech) return undefined;
    return {
      clock,
      onSentence: (text, stages) => {
        speech.answering(this.#call.id, turn, text, stages);
        this.post({ kind: 'agentSaid', at: this.#deps.clock.now(), turn, text });
      },
    };
  }

  #reply(instruction: Instruction): WireReply {
    const reply = this.#deps.carrier.asReply(this.#call, instruction);
    const call = toldByReply(this.#call, keyOf(instruction));
    this.#note(call, keyOf(instruction));
    this.#call = call;
    this.#watchers.changed(call);
    return reply;
  }

  /** Answers a held question that nothing came up for. */
  #releaseHeld(instruction: Instruction): void {
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    held.cancel();
    held.answer(this.#reply(instruction));
  }

  #answerHeld(reply: WireReply): void {
    const held = this.#held;
    this.#held = null;
    held?.cancel();
    held?.answer(reply);
  }

  #request(instruction: Instruction): void {
    const next = toldByRequest(this.#call, keyOf(instruction));
    this.#note(next, keyOf(instruction));
    this.#call = next;
    this.#send(instruction);
  }

  /** Instructions leave in order; a hang-up does not wait for one that hangs. */
  #send(instruction: Instruction): void {
    if (instruction.kind === 'hangup') this.#telling?.abort(new Error('hanging up'));
    this.#tells = this.#tells.then(() => this.#deliver(instruction));
    background(this.#tells, 'telling the line', this.#deps.log);
  }

  async #deliver(instruction: Instruction): Promise<void> {
    const key = keyOf(instruction);
    if (this.#call.line.told !== key) return;
    const { carrier, transport, clock } = this.#deps;
    const telling = new AbortController();
    this.#telling = telling;
    for (const request of carrier.asRequests(this.#call, instruction)) {
      const told = carrier.readTold(instruction, await transport(request, telling.signal));
      if (!told.ok) {
        this.post({ kind: 'tellFailed', at: clock.now(), key, failure: told.failure });
        return;
      }
    }
    this.post({ kind: 'tellAccepted', at: clock.now(), key });
  }

  #over(): void {
    this.#deps.conversation.release(this.#call.id);
    this.#releaseHeld({ kind: 'wait' });
  }
}
