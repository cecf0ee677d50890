// Store: what the page knows, kept in step with the Gateway: events while connected, everything anew after a break.
import type { PublicCall } from '../call/public-view.ts';
import type { LiveTold, StepTold } from '../feed/feed.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Trouble } from '../lib/health.ts';
import type { RecentLatency } from '../operation/latency.ts';
import type { Step } from '../record/journal.ts';
import { type Detail, detailOf, livened, recorded, reread, stepped } from './detail.ts';
import { type Connection, type ConsoleHost, sentenceOf } from './host.ts';

/** How many calls are listed at first, and with every "older". */
const PAGE = 40;
/** A watch is over after 15 s; it is asked for again well before. */
const WATCH_AGAIN_MS = 5_000;
/** Turns often come in a row: their times are asked for once. */
const LATENCY_AFTER_MS = 800;
/** After so many failed tries the page still tries, this often. */
const RETRY_MS = 3_000;

export interface State {
  readonly connection: Connection;
  /** Latest first; null until they were read for the first time. */
  readonly calls: readonly PublicCall[] | null;
  readonly hasOlder: boolean;
  /** What of the telephone does not work now. */
  readonly health: readonly Trouble[];
  readonly selected: string | null;
  /** Null while it is being read. */
  readonly detail: Detail | null;
  readonly latency: RecentLatency | null;
  /** What could not be done, until the next thing is. */
  readonly problem: string | null;
}

interface Page {
  readonly calls: readonly PublicCall[];
  readonly next?: string;
  readonly health: readonly Trouble[];
}

export interface StoreDeps {
  readonly host: ConsoleHost;
  readonly clock: Clock;
}

export class Store {
  readonly #deps: StoreDeps;
  readonly #listeners = new Set<() => void>();
  readonly #stops: Cancel[] = [];
  #cancelWatch: Cancel = () => undefined;
  #cancelLatency: Cancel = () => undefined;
  #cancelRetry: Cancel = () => undefined;
  /** Lists the calls after those that are listed; null: there are none. */
  #next: string | null = null;
  #state: State;

  constructor(deps: StoreDeps) {
    this.#deps = deps;
    this.#state = {
      connection: deps.host.connection,
      calls: null,
      hasOlder: false,
      health: [],
      selected: null,
      detail: null,
      latency: null,
      problem: null,
    };
  }

  get state(): State {
    return this.#state;
  }

  /** Begins to listen, and reads everything. */
  open(): void {
    const { host } = this.#deps;
    this.#stops.push(
      host.onEvent('call', (payload) => this.#stepped(payload as StepTold)),
      host.onEvent('live', (payload) => this.#lived(payload as LiveTold)),
      host.onConnection(() => this.#connected()),
    );
    this.#read();
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#cancelWatch();
    this.#cancelLatency();
    this.#cancelRetry();
    this.#listeners.clear();
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at a call; null: at none. */
  select(callId: string | null): void {
    this.#cancelWatch();
    const call = this.#state.calls?.find((one) => one.callId === callId);
    this.#set({ selected: callId, detail: call ? detailOf(call) : null });
    if (callId === null) return;
    this.#owned(this.#readDetail(callId));
    this.#watch();
  }

  /** Lists calls further back. */
  older(): void {
    if (this.#next !== null) this.#owned(this.#readOlder(this.#next));
  }

  /** Asks for something to be done; resolves to what was answered, or to null when it could not be done. */
  async act<T>(method: string, params: Readonly<Record<string, unknown>>): Promise<T | null> {
    this.#set({ problem: null });
    try {
      return await this.#deps.host.request<T>(method, params);
    } catch (error) {
      this.#set({ problem: sentenceOf(error) });
      return null;
    }
  }

  dismiss(): void {
    this.#set({ problem: null });
  }

  #set(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of [...this.#listeners]) listener();
  }

  #connected(): void {
    const before = this.#state.connection;
    const { connection } = this.#deps.host;
    if (JSON.stringify(before) === JSON.stringify(connection)) return;
    this.#set({ connection: { ...connection } });
    if (connection.isConnected) this.#read();
    else this.#cancelRetry();
  }

  /** Everything anew: what happened meanwhile was told to nobody. */
  #read(): void {
    const { isConnected, canRead } = this.#deps.host.connection;
    if (!isConnected) return;
    if (!canRead) {
      this.#set({ calls: null, detail: null, latency: null, selected: null, health: [] });
      return;
    }
    this.#owned(this.#readCalls());
    this.#owned(this.#readLatency());
    const { selected } = this.#state;
    if (selected === null) return;
    this.#owned(this.#readDetail(selected));
    this.#watch();
  }

  async #readCalls(): Promise<void> {
    const { calls, next = null, health } = await this.#readPage({});
    this.#next = next;
    this.#set({ calls: latestFirst(calls), hasOlder: next !== null, health });
  }

  async #readOlder(before: string): Promise<void> {
    const { calls, next = null } = await this.#readPage({ before });
    if (this.#next !== before) return;
    this.#next = next;
    const known = this.#state.calls ?? [];
    const ids = new Set(known.map(({ callId }) => callId));
    const more = calls.filter(({ callId }) => !ids.has(callId));
    this.#set({ calls: latestFirst([...known, ...more]), hasOlder: next !== null });
  }

  #readPage(more: { readonly before?: string }): Promise<Page> {
    return this.#deps.host.request<Page>('voicecall.status', { limit: PAGE, ...more });
  }

  async #readLatency(): Promise<void> {
    this.#set({ latency: await this.#deps.host.request<RecentLatency>('voicecall.latency', {}) });
  }

  async #readDetail(callId: string): Promise<void> {
    const { host } = this.#deps;
    const { call } = await host.request<{ call?: PublicCall }>('voicecall.status', { callId });
    if (!call || this.#state.selected !== callId) return;
    const { detail } = this.#state;
    this.#set({ detail: detail ? reread(detail, call) : detailOf(call) });
    let after: number | null = 0;
    while (after !== null && this.#state.selected === callId) {
      const page: { events: readonly Step[]; next: number | null } = await host.request(
        'voicecall.call.events',
        { callId, after },
      );
      const now = this.#state.detail;
      if (now?.call.callId === callId) this.#set({ detail: recorded(now, page.events) });
      after = page.next;
    }
  }

  #watch(): void {
    this.#cancelWatch();
    const { host, clock } = this.#deps;
    const { selected, detail, connection } = this.#state;
    if (selected === null || !connection.isConnected || detail?.call.endReason !== undefined) return;
    this.#owned(host.request('voicecall.watch', { callId: selected }));
    this.#cancelWatch = clock.at(clock.now() + WATCH_AGAIN_MS, () => this.#watch());
  }

  #stepped(told: StepTold): void {
    const { calls, detail } = this.#state;
    const { call, event } = told;
    if (calls !== null) {
      const others = calls.filter(({ callId }) => callId !== call.callId);
      const isNew = others.length === calls.length;
      const list = isNew ? [call, ...calls] : calls.map((one) => (one.callId === call.callId ? call : one));
      this.#set({ calls: list });
    }
    if (detail?.call.callId === call.callId) this.#set({ detail: stepped(detail, told) });
    if (call.endReason !== undefined && this.#state.selected === call.callId) this.#cancelWatch();
    if (['turnTimed', 'agentReplied', 'carrierEnded'].includes(event.kind)) this.#latencySoon();
  }

  #lived(told: LiveTold): void {
    const { detail } = this.#state;
    if (detail?.call.callId === told.callId) this.#set({ detail: livened(detail, told) });
  }

  #latencySoon(): void {
    const { clock } = this.#deps;
    this.#cancelLatency();
    this.#cancelLatency = clock.at(clock.now() + LATENCY_AFTER_MS, () => this.#owned(this.#readLatency()));
  }

  /** The telephone may still be starting while the Gateway answers already: what could not be read is read again. */
  #owned(work: Promise<unknown>): void {
    work.then(
      () => undefined,
      (error: unknown) => {
        if (!this.#deps.host.connection.isConnected) return;
        this.#set({ problem: sentenceOf(error) });
        const { clock } = this.#deps;
        this.#cancelRetry();
        this.#cancelRetry = clock.at(clock.now() + RETRY_MS, () => this.#again());
      },
    );
  }

  #again(): void {
    this.#set({ problem: null });
    this.#read();
  }
}

function latestFirst(calls: readonly PublicCall[]): readonly PublicCall[] {
  return [...calls].sort((a, b) => b.startedAt - a.startedAt);
}
