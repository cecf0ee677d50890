// Reports: what carriers report, and who of those who call is let in, told a sentence, or turned away.
import { type Admission, admit, refused } from '../call/admission.ts';
import { type Call, isOpen, takesInboundPlace } from '../call/call.ts';
import { HANGUP_CONFIRM_MS } from '../call/deadline.ts';
import type { CallEvent } from '../call/event.ts';
import { instructionFor } from '../call/instruction.ts';
import { type NewCall, newInboundCall, newRefusedCall, newTurnedAwayCall } from '../call/new-call.ts';
import { pairingSentence, phrasesFor } from '../call/phrases.ts';
import type { Report, WireReply } from '../carrier/carrier.ts';
import { maskNumber } from '../lib/mask.ts';
import type { CallLoop } from './call-loop.ts';
import type { Calls } from './calls.ts';
import { answerWithin, type CallPlan, type RuntimeDeps } from './deps.ts';
import { inboundSettings, OWNERLESS } from './ownerless.ts';
import type { Pairings } from './pairings.ts';

const ADOPT_AFTER_MS = 1_000;
/** Ids are remembered this long so that a late answer at the carrier is hung up only once. */
const MAX_GHOSTS = 1_000;

/** What becomes of somebody who calls us: a refusal may still be told in a sentence. */
type Verdict = Exclude<Admission, { admitted: false }> | TurnedAway;
interface TurnedAway {
  readonly admitted: false;
  readonly cause: string;
  readonly sentence: string | null;
  /** True when they would be let in, had our owner configured what they should. */
  readonly isOurFault?: boolean;
}

export class Reports {
  readonly #deps: RuntimeDeps;
  readonly #calls: Calls;
  readonly #pairings: Pairings;
  readonly #ghosts = new Set<string>();
  #isClosed = false;

  constructor(deps: RuntimeDeps, calls: Calls, pairings: Pairings) {
    this.#deps = deps;
    this.#calls = calls;
    this.#pairings = pairings;
  }

  /** Whoever calls from now on is told that nobody can take it. */
  close(): void {
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

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

  /** We are leaving: a call that asks is kept for the next process, news are to be told to that one again. */
  leaving(report: Report): Promise<WireReply> {
    const loop = this.#loopFor(report);
    if (loop && report.asks) return loop.ask([]);
    // That we closed its streams is no news.
    const isNews = report.events.some(({ kind }) => kind !== 'streamClosed');
    if (loop && !isNews) return Promise.resolve(this.#deps.carrier.acknowledge());
    return Promise.resolve({ status: 503, contentType: 'text/plain; charset=utf-8', body: 'Leaving' });
  }

  /** The open call a report is about; a report that names another carrier call than ours is not. */
  #loopFor(report: Report): CallLoop | null {
    const loop = this.#calls.loop(report.callId ?? report.carrierCallId);
    if (!loop) return null;
    const known = loop.call.carrierCallId;
    return known === null || known === report.carrierCallId || known === report.formerId ? loop : null;
  }

  /** A call nobody knows: if it comes in, it is admitted or turned away; otherwise it is not ours. */
  #meet(report: Report): CallLoop | null {
    const { journal, conversation, speech, log } = this.#deps;
    if (report.direction !== 'inbound' || report.callId !== null) return null;
    if (report.events.some((event) => event.kind === 'carrierEnded')) return null;
    if (journal.find(report.carrierCallId)) return null;
    const { call, verdict } = this.#offered(report);
    const loop = this.#calls.begin(call);
    const who = { callId: call.id, from: maskNumber(report.from) };
    if (verdict.admitted) {
      log.info('call offered', who);
      conversation.prepare(call);
      speech?.prepare(call);
    } else if (verdict.isOurFault) {
      const { agentId } = call.settings;
      log.warn('caller turned away', { ...who, to: maskNumber(report.to), agentId, why: verdict.cause });
    } else log.info('caller refused', { ...who, why: verdict.cause });
    if (call.phase === 'ringing') this.#adoptLater(loop);
    return loop;
  }

  /** Our limits are sent once the carrier has our answer: before that it may say the call is not in progress. */
  #adoptLater(loop: CallLoop): void {
    this.#calls.later(ADOPT_AFTER_MS, () => {
      if (loop.call.phase !== 'live') return;
      this.#calls.sendAside(this.#deps.carrier.adopt(loop.call), 'adopting a call');
    });
  }

  #offered(report: Report): { readonly call: Call; readonly verdict: Verdict } {
    const { clock, newId, carrier } = this.#deps;
    const id = newId();
    const from = report.from ?? 'unknown';
    const to = report.to ?? 'unknown';
    const plan = this.#deps.plan();
    const { settings, isOwned } = inboundSettings(plan, { callId: id, from, to });
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
    const verdict = this.#judge(report.from, plan, { language: settings.language, isOwned });
    const answerByMs = answerWithin(settings, plan);
    if (verdict.admitted) {
      return { verdict, call: this.#calls.fitted(newInboundCall({ ...init, answerByMs }), plan) };
    }
    const { cause, sentence } = verdict;
    if (sentence !== null) {
      return { verdict, call: newTurnedAwayCall({ ...init, cause, sentence, answerByMs }) };
    }
    return { verdict, call: newRefusedCall({ ...init, cause, confirmByMs: HANGUP_CONFIRM_MS }) };
  }

  #judge(
    caller: string | null,
    plan: CallPlan,
    { language, isOwned }: { readonly language: string; readonly isOwned: boolean },
  ): Verdict {
    const admission = admit(caller, plan);
    const verdict = admission.admitted || !admission.mayPair ? admission : this.#pair(caller, language);
    if (!verdict.admitted) return { sentence: null, ...verdict };
    const { nobody, busy } = phrasesFor(language);
    if (this.#isClosed) return { ...refused('the Gateway is being stopped'), sentence: nobody };
    if (!isOwned) return { ...refused(OWNERLESS), sentence: nobody, isOurFault: true };
    if (this.#deps.gauge.full !== null) return { ...refused('this machine is at its limit'), sentence: busy };
    const callers = this.#calls.open().filter(takesInboundPlace).length;
    if (callers < plan.maxInboundCalls) return verdict;
    return { ...refused('all lines are busy'), sentence: busy };
  }

  #pair(caller: string | null, language: string): Admission | TurnedAway {
    const knock = this.#pairings.knock(caller);
    switch (knock.kind) {
      case 'paired':
        return { admitted: true };
      case 'refused':
        return refused(knock.why);
      case 'code':
        return { ...refused('not paired yet'), sentence: pairingSentence(language, knock.code) };
    }
  }

  /** Words about a call that is over or was never ours: never brought back to life; a live leg is hung up. */
  #unknownCall(report: Report): WireReply {
    const { carrier, journal, log } = this.#deps;
    const call = journal.find(report.callId ?? report.carrierCallId);
    if (!call || isOpen(call)) return carrier.acknowledge();
    const over: Call = { ...call, carrierCallId: report.carrierCallId };
    if (report.asks) return carrier.asReply(over, instructionFor(over));
    if (livesOn(report, call) && this.#isNewGhost(report.carrierCallId)) {
      log.warn('a call that is over lives on at the carrier; hanging it up', { callId: call.id });
      this.#calls.sendAside(carrier.asRequests(over, { kind: 'hangup' }), 'hanging up a late call');
    }
    return carrier.acknowledge();
  }

  #isNewGhost(carrierCallId: string): boolean {
    if (this.#ghosts.has(carrierCallId)) return false;
    if (this.#ghosts.size >= MAX_GHOSTS) this.#ghosts.clear();
    this.#ghosts.add(carrierCallId);
    return true;
  }
}

/** Does the carrier still have a call that we are done with? One we gave up while dialling is news by itself. */
function livesOn({ carrierCallId, events }: Report, call: Call): boolean {
  if (events.some((event) => event.kind === 'carrierEnded')) return false;
  return carrierCallId !== call.carrierCallId || events.some((event) => event.kind === 'answered');
}
