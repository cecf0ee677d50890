// Exchange: places and takes calls: dials people, lets them pick up or not, and obeys updates and time limits.
import { pause } from '../pause.ts';
import { TwinCall, type World } from './call.ts';
import type { Caller } from './caller.ts';
import { Line } from './line.ts';
import type {
  CallChange,
  CallOrder,
  MachineDetection,
  Refusal,
  Source,
  StatusTarget,
  Target,
} from './order.ts';
import type { Program } from './page.ts';
import type { Params } from './signature.ts';

export interface DialIn {
  readonly from: string;
  readonly to: string;
  readonly voiceUrl: string;
  readonly method?: 'GET' | 'POST';
  readonly person: Caller;
  readonly fallbackUrl?: string;
  /** The number's own status callback: told the end only. */
  readonly statusCallback?: string;
}

interface Connection {
  readonly call: TwinCall;
  readonly line: Line;
}

const NOT_IN_PROGRESS: Refusal = {
  status: 400,
  code: 21220,
  message: 'Call is not in-progress. Cannot redirect.',
};

export class Exchange {
  readonly #world: World;
  readonly #whoAnswers: (number: string) => Caller;
  readonly #connections = new Map<string, Connection>();

  constructor(world: World, whoAnswers: (number: string) => Caller) {
    this.#world = world;
    this.#whoAnswers = whoAnswers;
  }

  get calls(): readonly TwinCall[] {
    return [...this.#connections.values()].map(({ call }) => call);
  }

  call(sid: string): TwinCall | undefined {
    return this.#connections.get(sid)?.call;
  }

  forget(sid: string): void {
    this.#connections.delete(sid);
  }

  /** Queues a call; dialling begins on the clock. */
  place(order: CallOrder): TwinCall {
    const caller = this.#whoAnswers(order.to);
    const connection = this.#connect(
      new TwinCall(this.#world, { ...order, direction: 'outbound-api' }, 'queued'),
      caller,
    );
    this.#own(connection, this.#dial(connection, order, caller));
    return connection.call;
  }

  dialIn(dial: DialIn): TwinCall {
    const { from, to, person } = dial;
    const status: StatusTarget | undefined =
      dial.statusCallback === undefined
        ? undefined
        : { url: dial.statusCallback, method: 'POST', events: ['completed'] };
    const fallback: Target | undefined =
      dial.fallbackUrl === undefined ? undefined : { url: dial.fallbackUrl, method: 'POST' };
    const plan = { direction: 'inbound', from, to, status, fallback } as const;
    const connection = this.#connect(new TwinCall(this.#world, plan, 'ringing'), person);
    const source: Source = { kind: 'url', url: dial.voiceUrl, method: dial.method ?? 'POST' };
    connection.line.run(programOf(source));
    this.#own(connection, this.#limit(connection.call, this.#world.settings.timeLimitS));
    this.#own(connection, this.#giveUp(connection.call, person.givesUpMs));
    return connection.call;
  }

  /** What an update asks; undefined when it was done. */
  change(call: TwinCall, change: CallChange): Refusal | undefined {
    const connection = this.#connections.get(call.sid);
    if (!connection) return undefined;
    const refusal = this.#refusal(call, change);
    if (refusal) return refusal;
    call.fallback = change.fallback ?? call.fallback;
    call.statusTarget = change.status ?? call.statusTarget;
    if (change.limitS !== undefined) this.#own(connection, this.#limit(call, change.limitS));
    if (change.hangUp) {
      const status = call.status === 'in-progress' ? 'completed' : 'canceled';
      call.finish({ status, by: 'plugin', why: `Status=${change.hangUp}` });
    } else if (change.source) connection.line.run(programOf(change.source));
    return undefined;
  }

  close(): void {
    for (const { call } of this.#connections.values()) call.abandon();
  }

  #refusal(call: TwinCall, change: CallChange): Refusal | undefined {
    if (change.hangUp && !call.isAlive) {
      return this.#world.settings.endedHangUp === '21220' ? NOT_IN_PROGRESS : notFound(call.sid);
    }
    // An inbound call that still rings runs TwiML already, and can be redirected.
    const runs = call.status === 'in-progress' || (call.direction === 'inbound' && call.isAlive);
    if (change.hangUp === 'canceled' && runs)
      return { ...NOT_IN_PROGRESS, message: 'Cannot cancel an answered call.' };
    return change.source && !change.hangUp && !runs ? NOT_IN_PROGRESS : undefined;
  }

  #connect(call: TwinCall, caller: Caller): Connection {
    caller.calls.push(call);
    const connection = { call, line: new Line(this.#world, call, caller) };
    this.#connections.set(call.sid, connection);
    return connection;
  }

  /** A story of the call that its end cuts short. */
  #own({ call }: Connection, story: Promise<void>): void {
    story.catch((error: unknown) => {
      if (!call.ended.aborted) this.#world.ledger.problem('unexpected', String(error), call.sid);
    });
  }

  async #dial(connection: Connection, order: CallOrder, caller: Caller): Promise<void> {
    const { clock, settings } = this.#world;
    const { call } = connection;
    const { pickup } = caller;
    await pause(clock, settings.dialDelayMs, call.ended);
    call.become('initiated');
    await pause(clock, settings.ringDelayMs, call.ended);
    if (pickup.does === 'busy') return call.finish({ status: 'busy', by: 'person', why: 'busy' });
    if (pickup.does === 'fails') return call.finish({ status: 'failed', by: 'carrier', why: 'unreachable' });
    call.become('ringing');
    const answersMs = pickup.does === 'answers' ? pickup.afterMs : Number.POSITIVE_INFINITY;
    await pause(clock, Math.min(answersMs, order.ringS * 1000), call.ended);
    if (answersMs > order.ringS * 1000) {
      return call.finish({ status: 'no-answer', by: 'carrier', why: `no answer within ${order.ringS} s` });
    }
    await this.#answered(connection, order, caller);
  }

  async #answered({ call, line }: Connection, order: CallOrder, caller: Caller): Promise<void> {
    call.become('in-progress');
    line.connected();
    this.#own({ call, line }, this.#limit(call, order.limitS));
    await line.sendDigits(order.sendDigits);
    const detection = order.machineDetection;
    const blocks = detection !== undefined && !detection.isAsync;
    if (blocks) await pause(this.#world.clock, this.#world.settings.amdMs, call.ended);
    line.run(programOf(order.source, blocks ? [['AnsweredBy', caller.answeredBy]] : []));
    if (detection?.isAsync) await this.#detect(call, detection, caller);
  }

  async #detect(call: TwinCall, { asyncTarget }: MachineDetection, caller: Caller): Promise<void> {
    const { clock, settings } = this.#world;
    await pause(clock, settings.amdMs, call.ended);
    if (!asyncTarget) return;
    call.tell('amd', asyncTarget, [
      ['CallSid', call.sid],
      ['AccountSid', settings.accountSid],
      ['AnsweredBy', caller.answeredBy],
      ['MachineDetectionDuration', `${settings.amdMs}`],
    ]);
  }

  async #limit(call: TwinCall, askedS: number | undefined): Promise<void> {
    const { clock, settings } = this.#world;
    const limitS = Math.min(askedS ?? settings.timeLimitS, settings.timeLimitS);
    const leftMs = (call.answeredAt ?? clock.now()) + limitS * 1000 - clock.now();
    await pause(clock, leftMs, call.ended);
    call.finish({ status: 'completed', by: 'carrier', why: `time limit of ${limitS} s` });
  }

  async #giveUp(call: TwinCall, afterMs: number): Promise<void> {
    await pause(this.#world.clock, afterMs, call.ended);
    if (call.status === 'ringing')
      call.finish({ status: 'canceled', by: 'person', why: 'the caller gave up' });
  }
}

export function notFound(sid: string): Refusal {
  return { status: 404, code: 20404, message: `The requested resource /Calls/${sid}.json was not found` };
}

function programOf(source: Source, more: Params = []): Program {
  if (source.kind === 'twiml') return { kind: 'inline', twiml: source.twiml };
  return { kind: 'fetch', hook: 'voice', url: source.url, method: source.method, more };
}
