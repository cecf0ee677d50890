// TwilioTwin: a carrier on loopback that speaks Twilio's wire, with people to call, faults to switch, and a ledger.
import type { Clock } from '../../src/lib/clock.ts';
import { Activity } from '../activity.ts';
import { StreamFaults } from '../media/stream-faults.ts';
import type { TwinCall, World } from './call.ts';
import { Caller } from './caller.ts';
import { type DialIn, Exchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { type HookRecord, Ledger, type Problem } from './ledger.ts';
import { Numbers } from './numbers.ts';
import { Postman, type PostOffice } from './postman.ts';
import { RestApi } from './rest.ts';
import { settingsOf, type TwinOptions, type TwinSettings } from './settings.ts';

export class TwilioTwin {
  /** Who picks up numbers without an expectation of their own: answers after a second and stays silent. */
  person = new Caller();
  readonly faults = new Faults();
  /** The media streams of all calls, and what goes wrong with the next ones. */
  readonly media = new StreamFaults();
  /** The numbers of the account, and where their calls lead. */
  readonly numbers = new Numbers();
  readonly ledger: Ledger;
  readonly settings: TwinSettings;
  readonly #clock: Clock;
  readonly #activity = new Activity();
  readonly #closing = new AbortController();
  readonly #expected = new Map<string, Caller[]>();
  readonly #tunnels = new Map<string, string>();
  readonly #postman: Postman;
  readonly #exchange: Exchange;
  readonly #rest: RestApi;

  constructor({ clock, ...options }: TwinOptions & { readonly clock: Clock }) {
    this.#clock = clock;
    this.settings = settingsOf(options);
    this.ledger = new Ledger(clock, this.#activity);
    const { settings, ledger, faults } = this;
    const shared = { clock, settings, ledger, activity: this.#activity, closing: this.#closing.signal };
    const office: PostOffice = { ...shared, faults, tunnels: this.#tunnels };
    this.#postman = new Postman(office);
    const { media } = this;
    const world: World = { ...shared, media, tunnels: this.#tunnels, postman: this.#postman };
    this.#exchange = new Exchange(world, (number) => this.#whoAnswers(number));
    this.#rest = new RestApi(office, this.#exchange, this.numbers);
  }

  /** Binds a free loopback port. */
  listen(): Promise<void> {
    return this.#rest.listen();
  }

  /** Ends everything at once: calls, webhooks, timers, sockets. Calling it twice does nothing more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the twin was closed'));
    this.#exchange.close();
    for (const stream of this.media.streams) stream.destroy();
    await this.#rest.close();
  }

  /** What stands for `https://api.twilio.com`. */
  get apiBaseUrl(): string {
    return this.#rest.url;
  }

  /** From here on REST connections are refused; calls go on. `goOnline` opens the same port again. */
  goOffline(): Promise<void> {
    return this.#rest.close();
  }

  goOnline(): Promise<void> {
    return this.#rest.listen();
  }

  /** This person answers the next call to the number; expectations queue up, the last one stays. */
  expect(to: string, person: Caller): Caller {
    this.#expected.set(to, [...(this.#expected.get(to) ?? []), person]);
    return person;
  }

  /** Someone calls one of our numbers. */
  dialIn(dial: DialIn): TwinCall {
    return this.#exchange.dialIn(dial);
  }

  /** Webhooks to this public origin reach the loopback origin, signed for the public one, as through a tunnel. */
  tunnel(publicOrigin: string, loopbackOrigin: string): void {
    this.#tunnels.set(new URL(publicOrigin).origin, new URL(loopbackOrigin).origin);
  }

  /** Sends a recorded webhook again, byte for byte; resolves with its record and answer. */
  replay(hook: HookRecord): Promise<HookRecord> {
    return this.#postman.replay(hook);
  }

  get calls(): readonly TwinCall[] {
    return this.#exchange.calls;
  }

  call(sid: string): TwinCall | undefined {
    return this.#exchange.call(sid);
  }

  /** Calls that still cost money. */
  liveCalls(): readonly TwinCall[] {
    return this.calls.filter(({ isAlive }) => isAlive);
  }

  get problems(): readonly Problem[] {
    return this.ledger.problems;
  }

  /** Resolves when nothing more can happen without time passing; see Activity for what that means. */
  idle(quietTurns?: number): Promise<void> {
    return this.#activity.idle(quietTurns);
  }

  /** Resolves when the condition holds, looked at after every activity: for real time. Rejects after `withinMs`. */
  until(isMet: () => boolean, { withinMs = 30_000 }: { readonly withinMs?: number } = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isMet()) resolve();
    };
    const unwatch = this.#activity.watch(look);
    const cancel = this.#clock.at(this.#clock.now() + withinMs, () =>
      reject(
        new Error(`not within ${withinMs} ms; calls: ${this.calls.map(({ status }) => status).join(', ')}`),
      ),
    );
    look();
    return promise.finally(() => {
      unwatch();
      cancel();
    });
  }

  #whoAnswers(number: string): Caller {
    const queue = this.#expected.get(number) ?? [];
    return (queue.length > 1 ? queue.shift() : queue[0]) ?? this.person;
  }
}
