// Twin: a simulated carrier on loopback as tests use it, whichever carrier it is: people, calls, quiet, the end.
import type { Clock } from '../src/lib/clock.ts';
import { Activity } from './activity.ts';
import { StreamFaults } from './media/stream-faults.ts';

type SomeCall = { readonly isAlive: boolean } & ({ readonly status: string } | { readonly state: string });

/** What a carrier's twin is made of. */
export interface TwinParts<Dial, Call, Hook, Problem> {
  readonly exchange: {
    readonly calls: readonly Call[];
    call(id: string): Call | undefined;
    dialIn(dial: Dial): Call;
    close(): void;
  };
  readonly rest: { readonly url: string; listen(): Promise<void>; close(): Promise<void> };
  readonly postman: { replay(hook: Hook): Promise<Hook> };
  readonly ledger: { readonly problems: readonly Problem[] };
}

export abstract class Twin<Person, Dial, Call extends SomeCall, Hook, Problem> {
  /** Who picks up numbers without an expectation of their own: answers after a second and stays silent. */
  abstract person: Person;
  /** The media streams of all calls, and what goes wrong with the next ones. */
  readonly media: StreamFaults = new StreamFaults();
  protected readonly clock: Clock;
  protected readonly activity: Activity = new Activity();
  protected readonly closing: AbortController = new AbortController();
  protected readonly tunnels: Map<string, string> = new Map();
  protected abstract readonly parts: TwinParts<Dial, Call, Hook, Problem>;
  readonly #expected = new Map<string, Person[]>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Binds a free loopback port. */
  listen(): Promise<void> {
    return this.parts.rest.listen();
  }

  /** Ends everything at once: calls, webhooks, timers, sockets. Calling it twice does nothing more. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the twin was closed'));
    this.parts.exchange.close();
    for (const stream of this.media.streams) stream.destroy();
    await this.parts.rest.close();
  }

  /** What stands for the address of the carrier's API. */
  get apiBaseUrl(): string {
    return this.parts.rest.url;
  }

  /** From here on REST connections are refused; calls go on. `goOnline` opens the same port again. */
  goOffline(): Promise<void> {
    return this.parts.rest.close();
  }

  goOnline(): Promise<void> {
    return this.parts.rest.listen();
  }

  /** This person answers the next call to the number; expectations queue up, the last one stays. */
  expect(to: string, person: Person): Person {
    const number = this.numberOf(to);
    this.#expected.set(number, [...(this.#expected.get(number) ?? []), person]);
    return person;
  }

  /** Someone calls one of our numbers. */
  dialIn(dial: Dial): Call {
    return this.parts.exchange.dialIn(dial);
  }

  /** Webhooks to this public origin reach the loopback origin, signed for the public one, as through a tunnel. */
  tunnel(publicOrigin: string, loopbackOrigin: string): void {
    this.tunnels.set(new URL(publicOrigin).origin, new URL(loopbackOrigin).origin);
  }

  /** Sends a recorded webhook again, byte for byte; resolves with its record and answer. */
  replay(hook: Hook): Promise<Hook> {
    return this.parts.postman.replay(hook);
  }

  get calls(): readonly Call[] {
    return this.parts.exchange.calls;
  }

  /** By the carrier's own id. */
  call(id: string): Call | undefined {
    return this.parts.exchange.call(id);
  }

  /** Calls that still cost money. */
  liveCalls(): readonly Call[] {
    return this.calls.filter(({ isAlive }) => isAlive);
  }

  get problems(): readonly Problem[] {
    return this.parts.ledger.problems;
  }

  /** Resolves when nothing more can happen without time passing; see Activity for what that means. */
  idle(quietTurns?: number): Promise<void> {
    return this.activity.idle(quietTurns);
  }

  /** Resolves when the condition holds, looked at after every activity: for real time. Rejects after `withinMs`. */
  until(isMet: () => boolean, { withinMs = 30_000 }: { readonly withinMs?: number } = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isMet()) resolve();
    };
    const unwatch = this.activity.watch(look);
    const cancel = this.clock.at(this.clock.now() + withinMs, () => {
      const calls = this.calls.map((call) => ('status' in call ? call.status : call.state)).join(', ');
      reject(new Error(`not within ${withinMs} ms; calls: ${calls}`));
    });
    look();
    return promise.finally(() => {
      unwatch();
      cancel();
    });
  }

  protected whoAnswers(number: string): Person {
    const queue = this.#expected.get(number) ?? [];
    return (queue.length > 1 ? queue.shift() : queue[0]) ?? this.person;
  }

  /** How the carrier writes a number. */
  protected numberOf(text: string): string {
    return text;
  }
}
