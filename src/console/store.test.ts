// Tests of the store: what it reads, what it follows, and how it comes back after the Gateway was away.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { publicCall } from '../../sim/public-call.ts';
import type { PublicCall } from '../call/public-view.ts';
import type { Trouble } from '../lib/health.ts';
import type { Connection, ConsoleHost } from './host.ts';
import { Store } from './store.ts';

const LATENCY = { recordsScanned: 0, turnLatency: null, listenWait: null, stages: {}, turns: [] };
const ALL: Connection = { isConnected: true, canRead: true, canWrite: true };

/** A Gateway that answers from what it has, and remembers what it was asked. */
class PaperGateway implements ConsoleHost {
  connection: Connection = ALL;
  calls: readonly PublicCall[] = [];
  health: readonly Trouble[] = [];
  trouble: Error | null = null;
  readonly asked: string[] = [];
  readonly #listeners = new Map<string, (payload: unknown) => void>();
  #changed: () => void = () => undefined;

  async request<T>(method: string, params: Readonly<Record<string, unknown>>): Promise<T> {
    this.asked.push([method.replace('voicecall.', ''), ...Object.values(params)].join(' '));
    if (this.trouble) throw this.trouble;
    return this.#answer(method, params) as T;
  }

  /** Two at a time when there are more; `next` is the id of the last of them. */
  #page(before: string): object {
    const from = this.calls.findIndex(({ callId }) => callId === before) + 1;
    const calls = this.calls.slice(from, from + 2);
    const isMore = from + 2 < this.calls.length;
    return { calls, health: this.health, ...(isMore && { next: calls.at(-1)?.callId }) };
  }

  #answer(method: string, { callId, before }: Readonly<Record<string, unknown>>): unknown {
    if (method === 'voicecall.latency') return LATENCY;
    if (method === 'voicecall.call.events') return { events: [], next: null };
    if (method !== 'voicecall.status') return {};
    if (callId === undefined) return this.#page(String(before ?? ''));
    return { call: this.calls.find((call) => call.callId === callId) };
  }

  onEvent(name: string, listener: (payload: unknown) => void): () => void {
    this.#listeners.set(name, listener);
    return () => this.#listeners.delete(name);
  }

  onConnection(listener: () => void): () => void {
    this.#changed = listener;
    return () => undefined;
  }

  tell(name: string, payload: unknown): void {
    this.#listeners.get(name)?.(payload);
  }

  become(connection: Connection): void {
    this.connection = connection;
    this.#changed();
  }
}

describe('The store of the page', () => {
  let host: PaperGateway;
  let clock: HandClock;
  let store: Store;
  const first = publicCall();
  const second = publicCall({ callId: 'call-2', startedAt: 5_000 });
  const over = { state: 'completed', endReason: 'completed', endedAt: 9_000 } as const;

  beforeEach(() => {
    host = new PaperGateway();
    clock = new HandClock();
    store = new Store({ host, clock });
    host.calls = [first, second];
  });

  async function opened(): Promise<void> {
    store.open();
    await settle();
    host.asked.splice(0);
  }

  const told = (call: PublicCall, kind = 'rang') => ({
    call,
    from: { transcript: 0, turns: 0 },
    event: { kind, at: clock.now() },
  });

  it('lists calls, the latest first, and follows them', async () => {
    await opened();
    assert.deepEqual(
      store.state.calls?.map(({ callId }) => callId),
      ['call-2', 'call-1'],
    );
    host.tell('call', told({ ...first, state: 'speaking' }));
    host.tell('call', told(publicCall({ callId: 'call-3', startedAt: 7_000 })));
    assert.deepEqual(
      store.state.calls?.map(({ callId, state }) => `${callId} ${state}`),
      ['call-3 listening', 'call-2 listening', 'call-1 speaking'],
    );
  });

  it('lists older calls page by page, each once', async () => {
    host.calls = [1, 2, 3, 4, 5].map((n) => publicCall({ callId: `c${n}`, startedAt: 10_000 - n }));
    await opened();
    const ids = () => store.state.calls?.map(({ callId }) => callId).join(' ');
    assert.deepEqual([ids(), store.state.hasOlder], ['c1 c2', true]);
    store.older();
    store.older();
    await settle();
    assert.deepEqual([ids(), store.state.hasOlder], ['c1 c2 c3 c4', true]);
    store.older();
    await settle();
    assert.deepEqual([ids(), store.state.hasOlder], ['c1 c2 c3 c4 c5', false]);
    host.asked.splice(0);
    store.older();
    assert.deepEqual(host.asked, []);
  });

  it('shows what of the telephone does not work', async () => {
    host.health = [
      { subject: 'tunnel', code: 'VC_INTERNAL', message: 'It is down', cure: 'Wait.', since: 1 },
    ];
    await opened();
    assert.equal(store.state.health[0]?.message, 'It is down');
  });

  it('watches the call that is looked at, again every five seconds, until it is over', async () => {
    await opened();
    store.select('call-1');
    await settle();
    assert.deepEqual(host.asked, ['status call-1', 'watch call-1', 'call.events call-1 0']);
    host.asked.splice(0);
    await clock.advance(5_000);
    assert.deepEqual(host.asked, ['watch call-1']);
    host.tell('call', told({ ...first, ...over }, 'carrierEnded'));
    host.asked.splice(0);
    await clock.advance(20_000);
    assert.deepEqual(host.asked, ['latency']);
    assert.equal(store.state.detail?.call.state, 'completed');
    assert.equal(clock.pending, 0);
  });

  it('takes live news of that call only', async () => {
    await opened();
    store.select('call-1');
    await settle();
    const words = { kind: 'words', at: 1, speaker: 'user', text: 'hel' };
    host.tell('live', { ...words, callId: 'call-2' });
    assert.equal(store.state.detail?.words.user, '');
    host.tell('live', { ...words, callId: 'call-1' });
    assert.equal(store.state.detail?.words.user, 'hel');
  });

  it('keeps what it has while the Gateway is away, and reads all of it anew after', async () => {
    await opened();
    store.select('call-1');
    await settle();
    host.become({ ...ALL, isConnected: false });
    assert.equal(store.state.connection.isConnected, false);
    assert.equal(store.state.calls?.length, 2);
    host.asked.splice(0);
    await clock.advance(30_000);
    assert.deepEqual(host.asked, []);
    host.calls = [{ ...first, ...over }, second];
    host.become(ALL);
    await settle();
    assert.deepEqual(host.asked.slice(0, 3), ['status 40', 'latency', 'status call-1']);
    assert.equal(store.state.detail?.call.state, 'completed');
  });

  it('tries again when the telephone is not there yet', async () => {
    host.trouble = new Error('the telephone is starting');
    store.open();
    await settle();
    assert.equal(store.state.problem, 'the telephone is starting');
    host.trouble = null;
    await clock.advance(3_000);
    await settle();
    assert.equal(store.state.problem, null);
    assert.equal(store.state.calls?.length, 2);
    store.close();
    assert.equal(clock.pending, 0);
  });

  it('reads nothing, and forgets what it had, without the right to read', async () => {
    await opened();
    store.select('call-1');
    await settle();
    host.asked.splice(0);
    host.become({ isConnected: true, canRead: false, canWrite: false });
    await settle();
    const { calls, detail, latency, selected } = store.state;
    assert.deepEqual([calls, detail, latency, selected], [null, null, null, null]);
    await clock.advance(30_000);
    assert.deepEqual(host.asked, []);
  });

  it('says what could not be done, until something else is', async () => {
    await opened();
    host.trouble = new Error('"911" is not a phone number');
    assert.equal(await store.act('voicecall.start', { to: '911' }), null);
    assert.match(store.state.problem ?? '', /911/);
    host.trouble = null;
    assert.deepEqual(await store.act('voicecall.end', { callId: 'call-1' }), {});
    assert.equal(store.state.problem, null);
  });
});
