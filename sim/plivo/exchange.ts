// Exchange: places and takes calls: dials people, lets them pick up or not, and obeys requests and time limits.
import { pause } from '../pause.ts';
import { PlivoCall, type World } from './call.ts';
import { CAUSES } from './causes.ts';
import { Line } from './line.ts';
import { type CallOrder, digits, type Refusal, type Target } from './order.ts';
import type { Person } from './person.ts';

export interface DialIn {
  readonly from: string;
  readonly to: string;
  /** What the number's application is set up with. */
  readonly answerUrl: string;
  readonly hangupUrl?: string;
  readonly fallbackUrl?: string;
  readonly method?: 'GET' | 'POST';
  readonly person: Person;
}

interface Connection {
  readonly call: PlivoCall;
  readonly line: Line;
}

export const NOT_FOUND: Refusal = { status: 404, error: 'not found' };
const NOT_IN_PROGRESS: Refusal = { status: 400, error: 'call is not in progress' };

export class Exchange {
  readonly #world: World;
  readonly #whoAnswers: (number: string) => Person;
  readonly #connections = new Map<string, Connection>();

  constructor(world: World, whoAnswers: (number: string) => Person) {
    this.#world = world;
    this.#whoAnswers = whoAnswers;
  }

  get calls(): readonly PlivoCall[] {
    return [...this.#connections.values()].map(({ call }) => call);
  }

  call(uuid: string): PlivoCall | undefined {
    return this.#connections.get(uuid)?.call;
  }

  /** Queues a call to each number; dialling begins on the clock. */
  place(order: CallOrder): readonly PlivoCall[] {
    return order.to.map((to) => {
      const person = this.#whoAnswers(to);
      const plan = { ...order, direction: 'outbound', to } as const;
      const connection = this.#connect(new PlivoCall(this.#world, plan, 'queued'), person);
      this.#own(connection, this.#dial(connection, order, person));
      return connection.call;
    });
  }

  dialIn(dial: DialIn): PlivoCall {
    const method = dial.method ?? 'POST';
    const target = (url: string | undefined): Target | undefined =>
      url === undefined ? undefined : { url, method };
    const plan = {
      direction: 'inbound',
      from: digits(dial.from),
      to: digits(dial.to),
      ring: undefined,
      hangup: target(dial.hangupUrl),
      fallback: target(dial.fallbackUrl),
    } as const;
    const connection = this.#connect(new PlivoCall(this.#world, plan, 'ringing'), dial.person);
    this.#start(connection, { url: dial.answerUrl, method });
    this.#own(connection, this.#limit(connection.call, this.#world.settings.timeLimitS));
    this.#own(connection, this.#giveUp(connection.call, dial.person.givesUpMs));
    return connection.call;
  }

  /** Sends the call to another document; undefined when that was done. */
  transfer(call: PlivoCall, target: Target): Refusal | undefined {
    const connection = this.#connections.get(call.uuid);
    if (!connection || !call.isAlive) return NOT_FOUND;
    // A call that comes in and still rings runs a document already.
    if (call.status !== 'in-progress' && call.direction === 'outbound') return NOT_IN_PROGRESS;
    call.transfers++;
    if (call.transfers > this.#world.settings.mostTransfers) {
      const why = `more than ${this.#world.settings.mostTransfers} transfers`;
      this.#world.ledger.problem(2060, why, call.uuid);
      call.finish({ status: 'completed', by: 'carrier', why, cause: CAUSES.loop });
    } else connection.line.run({ kind: 'transfer', ...target, more: [] });
    return undefined;
  }

  hangUp(call: PlivoCall): Refusal | undefined {
    if (!call.isAlive) return NOT_FOUND;
    if (call.status === 'in-progress') {
      call.finish({ status: 'completed', by: 'plugin', why: 'DELETE Call', cause: CAUSES.api });
    } else call.finish({ status: 'failed', by: 'plugin', why: 'DELETE Call', cause: CAUSES.canceled });
    return undefined;
  }

  /** Takes back a request whose call nobody has answered yet. */
  cancel(requestUuid: string): Refusal | undefined {
    const call = this.byRequest(requestUuid);
    if (!call?.isAlive || call.status === 'in-progress') return NOT_FOUND;
    call.finish({ status: 'failed', by: 'plugin', why: 'DELETE Request', cause: CAUSES.canceled });
    return undefined;
  }

  byRequest(requestUuid: string): PlivoCall | undefined {
    return this.calls.find((call) => call.direction === 'outbound' && call.requestUuid === requestUuid);
  }

  /** Words or keys into a call in progress. */
  aside(call: PlivoCall, kind: 'say' | 'digits', text: string): Refusal | undefined {
    if (!call.isAlive) return NOT_FOUND;
    if (call.status !== 'in-progress') return NOT_IN_PROGRESS;
    this.#connections.get(call.uuid)?.line.aside(kind, text);
    return undefined;
  }

  close(): void {
    for (const { call } of this.#connections.values()) call.abandon();
  }

  #connect(call: PlivoCall, person: Person): Connection {
    person.lines.push(call);
    const connection = { call, line: new Line(this.#world, call, person) };
    this.#connections.set(call.uuid, connection);
    return connection;
  }

  /** A story of the call that its end cuts short. */
  #own({ call }: Connection, story: Promise<void>): void {
    story.catch((error: unknown) => {
      if (!call.ended.aborted) this.#world.ledger.problem('unexpected', String(error), call.uuid);
    });
  }

  #start({ line }: Connection, target: Target): void {
    line.run({ kind: 'answer', ...target, more: [['Event', 'StartApp']] });
  }

  async #dial(connection: Connection, order: CallOrder, person: Person): Promise<void> {
    const { clock, settings } = this.#world;
    const { call } = connection;
    const { pickup, isDeclining } = person;
    await pause(clock, settings.dialDelayMs, call.ended);
    if (pickup.does === 'busy') {
      return call.finish({ status: 'busy', by: 'person', why: 'busy', cause: CAUSES.busy });
    }
    if (pickup.does === 'fails') {
      return call.finish({ status: 'failed', by: 'carrier', why: 'unreachable', cause: CAUSES.unallocated });
    }
    call.ring();
    const answersMs = pickup.does === 'answers' ? pickup.afterMs : Number.POSITIVE_INFINITY;
    await pause(clock, Math.min(answersMs, order.ringS * 1000), call.ended);
    if (answersMs > order.ringS * 1000) {
      const why = `no answer within ${order.ringS} s`;
      return call.finish({ status: 'timeout', by: 'carrier', why, cause: CAUSES.ringTimeout });
    }
    if (isDeclining)
      return call.finish({ status: 'failed', by: 'person', why: 'declined', cause: CAUSES.rejected });
    call.answer();
    connection.line.connected();
    this.#own(connection, this.#limit(call, order.limitS));
    this.#start(connection, order.answer);
  }

  async #limit(call: PlivoCall, limitS: number): Promise<void> {
    await pause(this.#world.clock, limitS * 1000, call.ended);
    call.finish({
      status: 'completed',
      by: 'carrier',
      why: `time limit of ${limitS} s`,
      cause: CAUSES.timeLimit,
    });
  }

  async #giveUp(call: PlivoCall, afterMs: number): Promise<void> {
    await pause(this.#world.clock, afterMs, call.ended);
    if (call.status === 'ringing') {
      call.finish({ status: 'no-answer', by: 'person', why: 'the caller gave up', cause: CAUSES.caller });
    }
  }
}
