// Runtime: the telephone of one process: its calls, what carriers report, and what people ask of it.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import type { Report, WireReply } from '../carrier/carrier.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { CallPage, CallQuery } from '../record/history.ts';
import { Calls } from './calls.ts';
import type { RuntimeDeps } from './deps.ts';
import { sayGoodbye } from './farewell.ts';
import { spendingOf } from './limits.ts';
import { Pairings } from './pairings.ts';
import type { Pairing, Phone, PlaceRequest, Spending, Step } from './phone.ts';
import { Reports } from './reports.ts';
import { Requests } from './requests.ts';

export type { CallPlan, RuntimeDeps } from './deps.ts';

export class Runtime implements Phone {
  readonly #deps: RuntimeDeps;
  readonly #calls: Calls;
  readonly #pairings: Pairings;
  readonly #reports: Reports;
  readonly #requests: Requests;
  #isStopped = false;

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
    this.#calls = new Calls(deps);
    this.#pairings = new Pairings(deps);
    this.#reports = new Reports(deps, this.#calls, this.#pairings);
    this.#requests = new Requests(deps, this.#calls);
  }

  /** Takes a verified report; resolves to the answer for the carrier, which may be held for some seconds. */
  post(report: Report): Promise<WireReply> {
    return this.#isStopped ? this.#reports.leaving(report) : this.#reports.post(report);
  }

  async place(request: PlaceRequest): Promise<Call> {
    if (this.#reports.isClosed)
      throw new VoiceCallError('VC_NOT_RUNNING', { why: 'the Gateway is being stopped' });
    return this.#requests.place(request);
  }

  ask(id: string, text: string): Promise<{ transcript: string }> {
    return this.#requests.ask(id, text);
  }

  speak(id: string, text: string): Promise<void> {
    return this.#requests.speak(id, text);
  }

  sendDigits(id: string, digits: string): Promise<void> {
    return this.#requests.sendDigits(id, digits);
  }

  end(id: string, by: { readonly sessionKey: string | null }): Promise<void> {
    return this.#requests.end(id, by);
  }

  find(id: string): Call | null {
    return this.#calls.find(id);
  }

  steps(callId: string, page: Parameters<Phone['steps']>[1]): readonly Step[] {
    return this.#deps.journal.steps(callId, page);
  }

  list(limit: number): readonly Call[] {
    return this.#calls.list(limit);
  }

  page(query: CallQuery): CallPage {
    const { calls, next } = this.#deps.journal.page(query);
    return { calls: calls.map((call) => this.#calls.loop(call.id)?.call ?? call), next };
  }

  spending(): Spending | null {
    return spendingOf(this.#deps);
  }

  pairings(): readonly Pairing[] {
    return this.#pairings.list();
  }

  approve(code: string): { readonly from: string } {
    return this.#pairings.approve(code);
  }

  async ring(from: string, says: readonly string[]): Promise<Call> {
    const { ring, carrier } = this.#deps;
    if (!ring) {
      throw new VoiceCallError('VC_NOT_SUPPORTED', {
        carrier: carrier.name,
        what: 'let a scripted person call',
      });
    }
    const carrierCallId = ring(from, this.#deps.plan().fromNumber, says);
    const call = this.find(carrierCallId);
    if (!call) throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId: carrierCallId });
    return call;
  }

  /** Something happened on a call's media stream. */
  happen(callId: string, event: CallEvent): void {
    this.#calls.loop(callId)?.post(event);
  }

  /** Where the carrier finds us has changed: what calls in progress were told leads nowhere any more. */
  moved(): void {
    this.#calls.moved();
  }

  /** Takes up the calls a previous process left open, after asking the carrier whether they still are. */
  restore(): void {
    this.#calls.restore();
  }

  /** We go for good: calls may finish and hear a goodbye, for at most `withinMs`; new ones are turned away. */
  farewell(withinMs: number): Promise<void> {
    this.#reports.close();
    return sayGoodbye(this.#calls, this.#deps, withinMs);
  }

  /** Lets go of every call without ending it; the journal keeps them for the next process. */
  stop(): void {
    this.#isStopped = true;
    this.#calls.stop();
  }

  /** Whether a call is on a media stream: its carrier will ask what to do when that is closed. */
  get hasStreams(): boolean {
    return this.#calls.open().some(({ stream }) => stream?.state === 'open');
  }

  /** How many calls are open. */
  get openCalls(): number {
    return this.#calls.open().length;
  }
}
