// Runtime: all live calls of one process: where webhooks and people meet the calls they mean.
import { type Admission, admit, type InboundPolicy } from '../call/admission.ts';
import { pendingAsk } from '../call/ask.ts';
import {
  type Call,
  type CallSettings,
  isOpen,
  type NewCall,
  newInboundCall,
  newOutboundCall,
  newRefusedCall,
} from '../call/call.ts';
import { ANSWER_GRACE_MS, HANGUP_CONFIRM_MS } from '../call/deadline.ts';
import type { CallEvent } from '../call/event.ts';
import { instructionFor } from '../call/instruction.ts';
import { openingInstruction } from '../call/transition.ts';
import type { Carrier, Report, Transport, WireReply, WireRequest } from '../carrier/carrier.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { background } from '../lib/background.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { maskNumber } from '../lib/mask.ts';
import type { Journal } from '../record/journal.ts';
import { CallLoop } from './call-loop.ts';
import { Directory } from './directory.ts';
import type { Phone, PlaceRequest } from './phone.ts';

/** Who a call belongs to and how it behaves; app.ts answers from the configuration. */
export interface CallPlan {
  readonly inboundPolicy: InboundPolicy;
  readonly allowFrom: readonly string[];
  readonly maxConcurrentCalls: number;
  readonly fromNumber: string;
  /** The settings a call is frozen with. Throws VC_AGENT_UNKNOWN when nobody owns it. */
  settingsFor(call: {
    readonly direction: 'inbound' | 'outbound';
    readonly callId: string;
    readonly from: string;
    readonly to: string;
    readonly request: PlaceRequest | null;
  }): CallSettings;
}

export interface RuntimeDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly journal: Journal;
  readonly carrier: Carrier;
  readonly transport: Transport;
  readonly conversation: Conversation;
  readonly log: Log;
  /** Read anew for every call, so that a changed configuration applies to the next one. */
  readonly plan: () => CallPlan;
  /** Told after every step of every call. */
  readonly observe: (call: Call, event: CallEvent) => void;
  /** Lets a scripted person call us; only the mock carrier has one. Returns the carrier's call id. */
  readonly ring?: (from: string, to: string, says: readonly string[]) => string;
}

/** How long one may wait for a `speak` to reach the line, and for an `end` to be over. */
const SPEAK_WITHIN_MS = 30_000;
const END_WITHIN_MS = 60_000;
const ADOPT_AFTER_MS = 1_000;
/** Ids are remembered this long so that a late answer at the carrier is hung up only once. */
const MAX_GHOSTS = 1_000;

export class Runtime implements Phone {
  readonly #deps: RuntimeDeps;
  readonly #directory = new Directory();
  readonly #ghosts = new Set<string>();

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
  }

  // ---- what carriers tell us -------------------------------------------------------------------------------

  /** Takes a verified report; resolves to the answer for the carrier, which may be held for some seconds. */
  async post(report: Report): Promise<WireReply> {
    const { carrier } = this.#deps;
    const loop = this.#loopFor(report) ?? this.#meet(report);
    if (!loop) return this.#unknownCall(report);
    const { carrierCallId, formerId = null } = report;
    const placed: CallEvent = {
      kind: 'placed',
      at: this.#deps.clock.now(),
      carrierCallId,
      replaces: formerId,
    };
    const events = loop.call.carrierCallId === carrierCallId ? report.events : [placed, ...report.events];
    if (report.asks) return loop.ask(events);
    for (const event of events) loop.post(event);
    loop.instruct();
    return carrier.acknowledge();
  }

  /** The open call a report is about; a report that names another carrier call than ours is not. */
  #loopFor(report: Report): CallLoop | null {
    const loop = this.#directory.find(report.callId ?? report.carrierCallId);
    if (!loop) return null;
    const known = loop.call.carrierCallId;
    return known === null || known === report.carrierCallId || known === report.formerId ? loop : null;
  }

  /** A call nobody knows: if it comes in, it is admitted or refused; otherwise it is not ours. */
  #meet(report: Report): CallLoop | null {
    const { journal } = this.#deps;
    if (report.direction !== 'inbound' || report.callId !== null) return null;
    if (report.events.some((event) => event.kind === 'carrierEnded')) return null;
    if (journal.find(report.carrierCallId)) return null;
    const plan = this.#deps.plan();
    const admission = admit(report.from, plan);
    const call = this.#inboundCall(report, admission);
    this.#begin(call);
    this.#deps.log.info(admission.admitted ? 'call offered' : 'caller refused', {
      callId: call.id,
      from: maskNumber(report.from),
      why: admission.admitted ? undefined : admission.cause,
    });
    const loop = this.#adopt(call);
    if (admission.admitted) {
      this.#deps.conversation.prepare(call);
      this.#adoptLater(loop);
    }
    return loop;
  }

  /** Our limits are sent once the carrier has our answer: before that it may say the call is not in progress. */
  #adoptLater(loop: CallLoop): void {
    const { clock, carrier } = this.#deps;
    clock.at(clock.now() + ADOPT_AFTER_MS, () => {
      if (loop.call.phase === 'live') this.#sendAside(carrier.adopt(loop.call), 'adopting a call');
    });
  }

  #inboundCall(report: Report, admission: Admission): Call {
    const { clock, newId, carrier } = this.#deps;
    const id = newId();
    const from = report.from ?? 'unknown';
    const to = report.to ?? 'unknown';
    const plan = this.#deps.plan();
    const settings = plan.settingsFor({ direction: 'inbound', callId: id, from, to, request: null });
    const init: NewCall & { carrierCallId: string } = {
      id,
      carrier: carrier.name,
      asks: carrier.asks,
      from,
      to,
      at: clock.now(),
      settings,
      carrierCallId: report.carrierCallId,
    };
    return admission.admitted
      ? newInboundCall({ ...init, answerByMs: settings.ringTimeoutMs + ANSWER_GRACE_MS })
      : newRefusedCall({ ...init, cause: admission.cause, confirmByMs: HANGUP_CONFIRM_MS });
  }

  /** Words about a call that is over or was never ours: never brought back to life; a live leg is hung up. */
  #unknownCall(report: Report): WireReply {
    const { carrier, journal, log } = this.#deps;
    const call = journal.find(report.callId ?? report.carrierCallId);
    if (!call || isOpen(call)) return carrier.acknowledge();
    const over: Call = { ...call, carrierCallId: report.carrierCallId };
    if (report.asks) return carrier.asReply(over, instructionFor(over));
    if (report.events.some((event) => event.kind === 'answered') && this.#isNewGhost(report.carrierCallId)) {
      log.warn('a call that is over was answered; hanging it up', { callId: call.id });
      this.#sendAside(carrier.asRequests(over, { kind: 'hangup' }), 'hanging up a late call');
    }
    return carrier.acknowledge();
  }

  #isNewGhost(carrierCallId: string): boolean {
    if (this.#ghosts.has(carrierCallId)) return false;
    if (this.#ghosts.size >= MAX_GHOSTS) this.#ghosts.clear();
    this.#ghosts.add(carrierCallId);
    return true;
  }

  // ---- what people and agents ask --------------------------------------------------------------------------

  async place(request: PlaceRequest): Promise<Call> {
    const { clock, newId, carrier, conversation } = this.#deps;
    const plan = this.#deps.plan();
    this.#checkRoom(plan.maxConcurrentCalls);
    const id = newId();
    const settings = plan.settingsFor({
      direction: 'outbound',
      callId: id,
      from: plan.fromNumber,
      to: request.to,
      request,
    });
    const call = newOutboundCall({
      id,
      carrier: carrier.name,
      asks: carrier.asks,
      from: plan.fromNumber,
      to: request.to,
      at: clock.now(),
      settings,
      mode: request.mode,
      requesterSessionKey: request.requesterSessionKey,
      answerByMs: settings.ringTimeoutMs + ANSWER_GRACE_MS,
    });
    const why = carrier.unsupported(call);
    if (why !== null) throw new VoiceCallError('VC_NOT_SUPPORTED', { carrier: carrier.name, what: why });
    const opening = instructionFor(openingInstruction(call, clock.now()).call);
    const dial = carrier.dial(call, opening);
    const dialling: Call = { ...call, line: { ...call.line, told: dial.told } };
    this.#begin(dialling);
    const loop = this.#adopt(dialling);
    if (request.mode === 'conversation') conversation.prepare(dialling);
    return this.#dial(loop, dial.request);
  }

  /** Slots are counted from the calls that are open, so none can leak. */
  #checkRoom(limit: number): void {
    const outbound = this.#directory.all().filter((loop) => loop.call.direction === 'outbound');
    if (outbound.length >= limit) throw new VoiceCallError('VC_TOO_MANY_CALLS', { limit });
  }

  /** The call is on disk before anything is done about it; what cannot be saved is not begun. */
  #begin(call: Call): void {
    this.#deps.journal.save(call, { kind: 'began', at: call.createdAt });
  }

  async #dial(loop: CallLoop, request: WireRequest): Promise<Call> {
    const { transport, carrier, clock } = this.#deps;
    const dialled = carrier.readDialled(await transport(request, new AbortController().signal));
    const at = clock.now();
    if (dialled.ok) loop.post({ kind: 'placed', at, carrierCallId: dialled.carrierCallId, replaces: null });
    else loop.post({ kind: 'dialFailed', at, cause: dialled.why });
    const { call } = loop;
    if (!dialled.ok) throw new VoiceCallError('VC_DIAL_FAILED', { carrier: carrier.name, why: dialled.why });
    return call;
  }

  async ask(id: string, text: string): Promise<{ transcript: string }> {
    const loop = this.#liveLoop(id);
    const { clock, newId } = this.#deps;
    const callId = loop.call.id;
    if (pendingAsk(loop.call) !== null) throw new VoiceCallError('VC_ALREADY_WAITING', { callId });
    const askId = newId();
    loop.post({ kind: 'askRequested', at: clock.now(), askId, text });
    const { transcriptTimeoutMs, maxDurationMs } = loop.call.settings;
    const late = (): never => {
      throw new VoiceCallError('VC_TRANSCRIPT_TIMEOUT', { afterMs: transcriptTimeoutMs });
    };
    return loop.until(
      (call) => {
        if (call.answer?.askId === askId) {
          return call.answer.text === null ? late() : { transcript: call.answer.text };
        }
        if (!isOpen(call)) throw new VoiceCallError('VC_CALL_ENDED', { reason: endReason(call) });
        return undefined;
      },
      { withinMs: transcriptTimeoutMs + maxDurationMs, late },
    );
  }

  async speak(id: string, text: string): Promise<void> {
    const loop = this.#liveLoop(id);
    const requestId = this.#deps.newId();
    loop.post({ kind: 'speakRequested', at: this.#deps.clock.now(), requestId, text });
    const failed = (why: string): never => {
      throw new VoiceCallError('VC_SPEAK_FAILED', { callId: loop.call.id, why });
    };
    await loop.until(
      (call) => {
        const entry = call.transcript.find((one) => one.speaker === 'agent' && one.requestId === requestId);
        if (entry?.speaker === 'agent' && entry.outcome !== 'playing') {
          return entry.outcome === 'unheard' ? failed('the carrier did not take it') : true;
        }
        if (!isOpen(call)) return failed(`the call ended: ${endReason(call)}`);
        const onTheLine = entry?.speaker === 'agent' && call.line.told === `say:${entry.utteranceId}`;
        return onTheLine && call.line.accepted ? true : undefined;
      },
      { withinMs: SPEAK_WITHIN_MS, late: () => failed('it is still waiting its turn') },
    );
  }

  async end(id: string, by: { readonly sessionKey: string | null }): Promise<void> {
    const loop = this.#directory.find(id);
    if (!loop) {
      if (this.find(id)) return;
      throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId: id });
    }
    const ownTurn = by.sessionKey !== null && by.sessionKey === loop.call.settings.sessionKey;
    const end = { reason: 'hangup-bot', cause: 'asked to hang up' } as const;
    loop.post({ kind: 'endRequested', at: this.#deps.clock.now(), end, afterReply: ownTurn });
    // The agent of this call ends it from inside its own turn: it must return for its goodbye to be heard.
    if (ownTurn) return;
    await loop.until((call) => (isOpen(call) ? undefined : true), {
      withinMs: END_WITHIN_MS,
      late: () => {
        throw new VoiceCallError('VC_HANGUP_FAILED', { callId: loop.call.id, why: 'no confirmation' });
      },
    });
  }

  find(id: string): Call | null {
    return this.#directory.find(id)?.call ?? this.#deps.journal.find(id);
  }

  list(limit: number): readonly Call[] {
    const open = this.#directory.all().map((loop) => loop.call);
    const known = new Set(open.map((call) => call.id));
    const rest = this.#deps.journal.list(limit + open.length).filter((call) => !known.has(call.id));
    return [...open, ...rest].slice(0, limit);
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

  #liveLoop(id: string): CallLoop {
    const loop = this.#directory.find(id);
    if (!loop) throw this.#noLiveCall(id);
    const { call } = loop;
    if (call.mode === 'notify') throw new VoiceCallError('VC_NOTIFY_ONLY', { callId: call.id });
    if (call.phase === 'live' && !call.leaving) return loop;
    if (call.phase === 'ending' || call.leaving) throw notActive(call);
    throw new VoiceCallError('VC_CALL_NOT_CONNECTED', { callId: call.id, phase: call.phase });
  }

  #noLiveCall(id: string): VoiceCallError {
    const call = this.#deps.journal.find(id);
    return call ? notActive(call) : new VoiceCallError('VC_CALL_NOT_FOUND', { callId: id });
  }

  // ---- the life of the process -----------------------------------------------------------------------------

  /** Takes up the calls a previous process left open. Nothing is ever dialled again. */
  restore(): void {
    const { journal, clock, log } = this.#deps;
    const calls = journal.open();
    for (const call of calls) {
      const loop = this.#adopt(call);
      loop.post({ kind: 'restored', at: clock.now() });
      loop.instruct();
    }
    if (calls.length > 0) log.info('calls taken up again after a restart', { calls: calls.length });
  }

  /** Lets go of every call without ending it; the journal keeps them for the next process. */
  stop(): void {
    for (const loop of this.#directory.all()) loop.abandon();
  }

  /** How many calls are open. */
  get openCalls(): number {
    return this.#directory.all().length;
  }

  #adopt(call: Call): CallLoop {
    const { observe, ...deps } = this.#deps;
    const loop = new CallLoop(call, {
      ...deps,
      observe: (changed, event) => {
        if (!isOpen(changed)) this.#directory.remove(changed.id);
        this.#logPhase(changed, event);
        observe(changed, event);
      },
    });
    this.#directory.add(loop);
    return loop;
  }

  #logPhase(call: Call, event: CallEvent): void {
    if (!PHASE_EVENTS.has(event.kind) && isOpen(call)) return;
    this.#deps.log.info(`call ${call.phase}`, {
      callId: call.id,
      to: maskNumber(call.to),
      reason: call.end?.reason,
      cause: call.end?.cause,
    });
  }

  /** Requests beside the conversation, whose failure changes nothing about the call. */
  #sendAside(requests: readonly WireRequest[], what: string): void {
    const { transport, log } = this.#deps;
    const send = async (): Promise<void> => {
      for (const request of requests) {
        const response = await transport(request, new AbortController().signal);
        const ok = response.kind === 'answered' && response.status < 300;
        if (!ok) log.warn(`${what}: the carrier did not agree`, { response: describe(response) });
      }
    };
    background(send(), what, log);
  }
}

const PHASE_EVENTS: ReadonlySet<string> = new Set(['rang', 'answered', 'placed']);

function describe(response: { kind: string; status?: number; why?: string }): string {
  return response.kind === 'answered' ? String(response.status) : reasonOf(response.why);
}

function endReason(call: Call): string {
  return call.end?.reason ?? 'unknown';
}

function notActive(call: Call): VoiceCallError {
  return new VoiceCallError('VC_CALL_NOT_ACTIVE', {
    state: call.end?.reason ?? call.phase,
    endReason: endReason(call),
    endedAt: call.endedAt === null ? 'not yet' : new Date(call.endedAt).toISOString(),
  });
}
