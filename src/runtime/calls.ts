// Calls: the loops of all calls that are not over: begun, found, taken up after a restart, let go.
import { type Call, type EndReason, isOpen } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import { neverStreams, takesStream } from '../call/stream.ts';
import type { WireRequest, WireResponse } from '../carrier/carrier.ts';
import { background } from '../lib/background.ts';
import { type Cancel, wait } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import { CallLoop } from './call-loop.ts';
import { afterStepping } from './deadlines.ts';
import type { CallPlan, RuntimeDeps } from './deps.ts';
import { Directory } from './directory.ts';
import { Leftovers } from './leftovers.ts';
import { Owed } from './owed.ts';
import { PhaseLog } from './phase-log.ts';
import { Retention } from './retention.ts';

/**
 * Pauses between the questions whether a call still lives, while the carrier cannot say: a machine that has just
 * started often has no network yet. Nothing is done about the call meanwhile, unless there is news of it.
 */
const ASK_AGAIN_MS: readonly number[] = [1_000, 2_000, 5_000, 10_000];
/** After that it goes by its own deadlines, and the carrier is still asked so often. */
const WATCH_EVERY_MS = 20_000;

export class Calls {
  readonly #deps: RuntimeDeps;
  readonly #directory = new Directory();
  readonly #retention: Retention;
  readonly #later = new Set<Cancel>();
  readonly #leaving = new AbortController();
  readonly #leftovers: Leftovers;
  readonly #owed: Owed;

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
    this.#retention = new Retention(deps);
    this.#owed = new Owed(deps);
    this.#leftovers = new Leftovers(deps, this.#leaving.signal);
  }

  /** The call is on disk before anything is done about it; what cannot be saved is not begun. */
  begin(call: Call): CallLoop {
    this.#deps.journal.save(call, { kind: 'began', at: call.createdAt });
    return this.take(call);
  }

  /** A call that is on disk already goes its way. */
  take(call: Call): CallLoop {
    return this.#adopt(call, false);
  }

  /** The loop of an open call, by our id or the carrier's. */
  loop(id: string): CallLoop | null {
    return this.#directory.find(id);
  }

  find(id: string): Call | null {
    return this.loop(id)?.call ?? this.#deps.journal.find(id);
  }

  open(): readonly Call[] {
    return this.#directory.all().map((loop) => loop.call);
  }

  /** The call as it can be begun now: when no place for a media stream is left, it would wait for one in silence. */
  fitted(call: Call, { maxStreams }: Pick<CallPlan, 'maxStreams'>): Call {
    return this.open().filter(takesStream).length < maxStreams ? call : neverStreams(call);
  }

  openLoops(): readonly CallLoop[] {
    return this.#directory.all();
  }

  /** Closed here, while the carrier has not confirmed the hang-up: it is still told. */
  isUnconfirmed(callId: string): boolean {
    return this.#leftovers.has(callId);
  }

  /** Open calls first, then the latest ended. */
  list(limit: number): readonly Call[] {
    const open = this.open();
    const known = new Set(open.map((call) => call.id));
    const rest = this.#deps.journal.list(limit + open.length).filter((call) => !known.has(call.id));
    return [...open, ...rest].slice(0, limit);
  }

  /** Takes up the calls a previous process left open. Nothing is ever dialled again. */
  restore(): void {
    this.#retention.forget();
    const { clock, journal, speech, log, carrier } = this.#deps;
    const calls = journal.open();
    for (const stored of calls) {
      const timely = afterStepping(stored, journal.lastStep(stored.id)?.at ?? 0, clock.now());
      const call = speech?.takes(stored) ? timely : neverStreams(timely);
      const loop = this.#adopt(call, true);
      if (call.carrier !== carrier.name) this.#strand(loop);
      else if (call.carrierCallId === null) this.#wake(loop);
      else background(this.#untilKnown(loop), 'asking the carrier about a call', log);
    }
    this.#leftovers.restore();
    if (calls.length > 0) log.info('calls taken up again after a restart', { calls: calls.length });
  }

  /** Before anything is done about it: a call may have ended while nobody was there to be told. */
  async #untilKnown(loop: CallLoop): Promise<void> {
    const { carrier, clock } = this.#deps;
    const { signal } = this.#leaving;
    for (let asked = 0; isOpen(loop.call) && !signal.aborted; asked += 1) {
      const status = carrier.readStatus(await this.send(carrier.statusRequest(loop.call)));
      if (signal.aborted) return;
      if (status === 'live') return this.#wake(loop);
      if (status === 'over') return this.#endedMeanwhile(loop);
      const pauseMs = ASK_AGAIN_MS[asked];
      if (pauseMs === undefined) this.#wake(loop);
      await wait(clock, pauseMs ?? WATCH_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** The carrier of this call is not configured any more: another one knows nothing of it, whatever it would say. */
  #strand(loop: CallLoop): void {
    const { clock, log } = this.#deps;
    const { id, carrier } = loop.call;
    log.warn('a call is given up: its carrier is not configured any more', { callId: id, carrier });
    const cause = `its carrier, ${carrier}, is not configured any more: it was neither taken over nor hung up`;
    loop.post({ kind: 'carrierEnded', at: clock.now(), reason: 'error', cause });
  }

  #endedMeanwhile(loop: CallLoop): void {
    const reason: EndReason = loop.call.answeredAt === null ? 'no-answer' : 'completed';
    const cause = 'it ended while we were restarted';
    loop.post({ kind: 'carrierEnded', at: this.#deps.clock.now(), reason, cause });
  }

  #wake(loop: CallLoop): void {
    if (!loop.isAsleep) return;
    loop.post({ kind: 'restored', at: this.#deps.clock.now() });
    loop.instruct();
  }

  /** Calls that are still asleep are told once they are taken up. */
  moved(): void {
    for (const loop of this.#directory.all().filter(({ isAsleep }) => !isAsleep)) {
      loop.moved();
      // Where the news of its end go is told apart from what it does.
      if (loop.call.phase === 'live') {
        this.sendAside(this.#deps.carrier.adopt(loop.call), 'saying where we are now');
      }
    }
  }

  /** Does something in `afterMs`, unless the process leaves before. */
  later(afterMs: number, run: () => void): void {
    const { clock } = this.#deps;
    const cancel = clock.at(clock.now() + afterMs, () => {
      this.#later.delete(cancel);
      run();
    });
    this.#later.add(cancel);
  }

  /** Lets go of every call without ending it; the journal keeps them for the next process. */
  stop(): void {
    for (const cancel of this.#later) cancel();
    for (const loop of this.#directory.all()) loop.abandon();
    this.#deps.gauge.follow(0);
    this.#owed.stop();
    this.#leaving.abort(new Error('shutting down'));
  }

  send(request: WireRequest): Promise<WireResponse> {
    return this.#deps.transport(request, this.#leaving.signal);
  }

  /** Requests beside the conversation, whose failure changes nothing about the call. */
  sendAside(requests: readonly WireRequest[], what: string): void {
    const { log } = this.#deps;
    const send = async (): Promise<void> => {
      for (const request of requests) {
        const response = await this.send(request);
        const ok = response.kind === 'answered' && response.status < 300;
        if (!ok) log.warn(`${what}: the carrier did not agree`, { response: describe(response) });
      }
    };
    background(send(), what, log);
  }

  #adopt(call: Call, asleep: boolean): CallLoop {
    const { observe, ...deps } = this.#deps;
    const phases = new PhaseLog(deps.log, call);
    const watched = {
      ...deps,
      journal: this.#owed,
      observe: (changed: Call, event: CallEvent): void => {
        if (!isOpen(changed)) this.#left(changed.id);
        phases.changed(changed);
        this.#leftovers.notice(changed, event);
        observe(changed, event);
        if (!isOpen(changed)) this.#retention.forget();
      },
    };
    const loop = new CallLoop(call, watched, { asleep });
    this.#directory.add(loop);
    this.#deps.gauge.follow(this.#directory.size);
    return loop;
  }

  #left(callId: string): void {
    this.#directory.remove(callId);
    this.#deps.gauge.follow(this.#directory.size);
  }
}

function describe(response: { kind: string; status?: number; why?: string }): string {
  return response.kind === 'answered' ? String(response.status) : reasonOf(response.why);
}
