// Requests: what people and agents ask of calls: place one, say something, press keys, ask, hang up.
import { pendingAsk } from '../call/ask.ts';
import { type Call, isOpen } from '../call/call.ts';
import { countsFrom, mayPlace } from '../call/governor.ts';
import { instructionFor } from '../call/instruction.ts';
import { newOutboundCall } from '../call/new-call.ts';
import { openingInstruction } from '../call/transition.ts';
import type { WireRequest } from '../carrier/carrier.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { CallLoop } from './call-loop.ts';
import type { Calls } from './calls.ts';
import { answerWithin, type CallPlan, type RuntimeDeps } from './deps.ts';
import { refusedByLimits } from './limits.ts';
import { whoOf } from './phase-log.ts';
import type { PlaceRequest } from './phone.ts';

/** How long one may wait for a `speak` to reach the line, and for an `end` to be over. */
const SPEAK_WITHIN_MS = 30_000;
const END_WITHIN_MS = 60_000;

export class Requests {
  readonly #deps: RuntimeDeps;
  readonly #calls: Calls;

  constructor(deps: RuntimeDeps, calls: Calls) {
    this.#deps = deps;
    this.#calls = calls;
  }

  async place(request: PlaceRequest): Promise<Call> {
    const plan = this.#deps.plan();
    this.#checkRoom(plan.maxConcurrentCalls);
    this.#deps.assertReachable?.();
    const { call, order } = this.#deps.journal.atOnce(() => this.#reserve(request, plan));
    const loop = this.#calls.take(call);
    this.#deps.log.info('call dialing', {
      ...whoOf(call),
      mode: call.mode,
      mostS: call.settings.maxDurationMs / 1_000,
    });
    if (request.mode === 'conversation') this.#deps.conversation.prepare(call);
    this.#deps.speech?.prepare(call);
    return this.#dial(loop, order);
  }

  /** The call is on disk, and with it what it may cost, before the carrier hears of it. */
  #reserve(request: PlaceRequest, plan: CallPlan): { readonly call: Call; readonly order: WireRequest } {
    const { carrier, clock, journal } = this.#deps;
    const call = this.#governed(this.#draft(request, plan), plan);
    const why = carrier.unsupported(call);
    if (why !== null) throw new VoiceCallError('VC_NOT_SUPPORTED', { carrier: carrier.name, what: why });
    const opening = instructionFor(openingInstruction(call, clock.now()).call);
    const dial = carrier.dial(call, opening);
    const dialling: Call = { ...call, line: { ...call.line, told: dial.told } };
    journal.save(dialling, { kind: 'began', at: call.createdAt });
    return { call: dialling, order: dial.request };
  }

  #draft(request: PlaceRequest, plan: CallPlan): Call {
    const { clock, newId, carrier } = this.#deps;
    const { fromNumber: from } = plan;
    const { to, mode, requesterSessionKey } = request;
    const id = newId();
    const settings = plan.settingsFor({ direction: 'outbound', callId: id, from, to, request });
    const call = newOutboundCall({
      id,
      carrier: carrier.name,
      asks: carrier.asks,
      from,
      to,
      at: clock.now(),
      settings,
      mode,
      requesterSessionKey,
      answerByMs: answerWithin(settings, plan),
    });
    return this.#calls.fitted(call, plan);
  }

  /** The call as the owner's limits let it be, or the error that says why not and until when. */
  #governed(call: Call, { outbound }: CallPlan): Call {
    const { to, carrier, createdAt: at, settings } = call;
    const wish = { to, carrier, at, maxDurationMs: settings.maxDurationMs };
    const verdict = mayPlace(wish, outbound, this.#deps.journal.outlays(countsFrom(at)));
    if (!verdict.ok) throw refusedByLimits(verdict, to, outbound);
    return { ...call, settings: { ...settings, maxDurationMs: verdict.maxDurationMs } };
  }

  /** Slots are counted from the calls that are open, so none can leak. */
  #checkRoom(limit: number): void {
    const outbound = this.#calls.open().filter((call) => call.direction === 'outbound');
    if (outbound.length >= limit) throw new VoiceCallError('VC_TOO_MANY_CALLS', { limit });
    const { full } = this.#deps.gauge;
    if (full !== null) throw full;
  }

  async #dial(loop: CallLoop, request: WireRequest): Promise<Call> {
    const { carrier, clock } = this.#deps;
    const dialled = carrier.readDialled(await this.#calls.send(request));
    const at = clock.now();
    if (dialled.ok) loop.post({ kind: 'placed', at, carrierCallId: dialled.carrierCallId, replaces: null });
    else loop.post({ kind: 'dialFailed', at, cause: dialled.why });
    const { call } = loop;
    // Without an answer to the dialling, the carrier may still have told us of the call by itself.
    if (dialled.ok || call.carrierCallId !== null) return call;
    throw new VoiceCallError('VC_DIAL_FAILED', { carrier: carrier.name, why: dialled.why });
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
    await this.#onTheLine(loop, requestId);
  }

  async sendDigits(id: string, digits: string): Promise<void> {
    const loop = this.#liveLoop(id);
    this.#checkKeys(loop.call, digits);
    const requestId = this.#deps.newId();
    loop.post({ kind: 'digitsRequested', at: this.#deps.clock.now(), requestId, digits });
    await this.#onTheLine(loop, requestId);
  }

  /** A carrier that cannot press these keys says so as it would for a new call; what else it cannot do is no news. */
  #checkKeys(call: Call, dtmfSequence: string): void {
    const { carrier } = this.#deps;
    const why = carrier.unsupported({ ...call, settings: { ...call.settings, dtmfSequence } });
    if (why === null || why === carrier.unsupported(call)) return;
    throw new VoiceCallError('VC_NOT_SUPPORTED', { carrier: carrier.name, what: why });
  }

  /** Waits until the line was told what somebody asked for, and agreed. Throws VC_SPEAK_FAILED. */
  async #onTheLine(loop: CallLoop, requestId: string): Promise<void> {
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
        return entry?.speaker === 'agent' && isOnTheLine(call, entry.utteranceId) ? true : undefined;
      },
      { withinMs: SPEAK_WITHIN_MS, late: () => failed('it is still waiting its turn') },
    );
  }

  async end(id: string, by: { readonly sessionKey: string | null }): Promise<void> {
    const loop = this.#calls.loop(id);
    if (!loop) {
      if (this.#calls.find(id)) return;
      throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId: id });
    }
    const ownTurn = by.sessionKey !== null && by.sessionKey === loop.call.settings.sessionKey;
    const end = { reason: 'hangup-bot', cause: 'asked to hang up' } as const;
    loop.post({ kind: 'endRequested', at: this.#deps.clock.now(), end, afterReply: ownTurn });
    // The agent of this call ends it from inside its own turn: it must return for its goodbye to be heard.
    if (ownTurn) return;
    const failed = (why: string): never => {
      throw new VoiceCallError('VC_HANGUP_FAILED', { callId: loop.call.id, why });
    };
    await loop.until(
      (call) => {
        if (isOpen(call)) return undefined;
        return this.#calls.isUnconfirmed(call.id) ? failed('it was told four times') : true;
      },
      { withinMs: END_WITHIN_MS, late: () => failed('no confirmation') },
    );
  }

  #liveLoop(id: string): CallLoop {
    const loop = this.#calls.loop(id);
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
}

/** The carrier agreed to say it, or our own voice says it now. */
function isOnTheLine({ line, stream, floor }: Call, utteranceId: string): boolean {
  if (stream === null) return line.told === `say:${utteranceId}` && line.accepted;
  return stream.state === 'open' && floor.kind === 'speaking' && floor.utterance.id === utteranceId;
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
