// Deps: what the runtime is built from, and what the configuration decides for each call.
import type { InboundPolicy } from '../call/admission.ts';
import type { Call, CallSettings } from '../call/call.ts';
import { ANSWER_GRACE_MS } from '../call/deadline.ts';
import type { CallEvent } from '../call/event.ts';
import type { OutboundLimits } from '../call/governor.ts';
import type { Carrier, Transport } from '../carrier/carrier.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Speech } from '../conversation/speech.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewCode, NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { Journal } from '../record/journal.ts';
import type { Gauge } from './gauge.ts';
import type { PlaceRequest } from './phone.ts';

/** Who a call belongs to and how it behaves; app.ts answers from the configuration. */
export interface CallPlan {
  readonly inboundPolicy: InboundPolicy;
  readonly allowFrom: readonly string[];
  /** Who may call whatever the policy says. */
  readonly alsoAdmitted?: readonly string[];
  readonly maxConcurrentCalls: number;
  /** Whom we may call, and how much of it in a day. */
  readonly outbound: OutboundLimits;
  /** How long a call that is over is remembered; null: for ever. */
  readonly retentionMs: number | null;
  /** A caller beyond it is told that all lines are busy. */
  readonly maxInboundCalls: number;
  /** How many calls may have a media stream at once; with one more the carrier speaks and listens. */
  readonly maxStreams: number;
  /** A call nobody answers lives no longer than this; null leaves it to the ring time. */
  readonly staleAfterMs: number | null;
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
  /** Where the codes for unknown callers come from; six digits from lib/ids.ts unless told otherwise. */
  readonly newCode?: NewCode;
  readonly journal: Journal;
  readonly carrier: Carrier;
  readonly transport: Transport;
  readonly conversation: Conversation;
  /** What is said and heard on media streams; null when there are none. */
  readonly speech: Speech | null;
  /** The clock the stages of a turn are measured by: it never jumps. */
  readonly steady: Clock;
  readonly log: Log;
  /** Whether this machine can carry another call. */
  readonly gauge: Gauge;
  /** Read anew for every call, so that a changed configuration applies to the next one. */
  readonly plan: () => CallPlan;
  /** Told after every step of every call. */
  readonly observe: (call: Call, event: CallEvent) => void;
  /** Throws what is in the way while no carrier could tell us of a call: then none is begun. */
  readonly assertReachable?: () => void;
  /** Lets a scripted person call us; only the mock carrier has one. Returns the carrier's call id. */
  readonly ring?: (from: string, to: string, says: readonly string[]) => string;
}

/** How long a call may stay unanswered: a little longer than it rings, but no longer than its owner allows. */
export function answerWithin({ ringTimeoutMs }: CallSettings, { staleAfterMs }: CallPlan): number {
  return Math.min(ringTimeoutMs + ANSWER_GRACE_MS, staleAfterMs ?? Number.POSITIVE_INFINITY);
}
