// Carrier: the port every phone company implements: wire in, facts out; intent in, wire out. No memory, no I/O.
import type { Call } from '../call/call.ts';
import type { CarrierEvent, TellFailure } from '../call/event.ts';
import type { Instruction } from '../call/instruction.ts';

/** An HTTP request as it reached us. Header names are lower case. */
export interface WebhookRequest {
  readonly method: string;
  /** Path and query as received, e.g. `/voice/webhook?callId=x`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as received, decoded as UTF-8. */
  readonly body: string;
  /** Every URL the carrier may have used to reach this request, likeliest first; signatures are checked on them. */
  readonly urls: readonly string[];
}

export type Verification =
  /** `replayKey` is made of signed bytes only; equal keys are the same request sent again. */
  | { readonly ok: true; readonly replayKey: string }
  /** `why` is for our log: it names the URL we expected and never contains a secret. */
  | { readonly ok: false; readonly why: string };

/** What one webhook says, attached to a call. */
export interface Report {
  readonly carrierCallId: string;
  /** The provisional id the carrier gave when we dialled, where it is another one (Plivo's request_uuid). */
  readonly formerId?: string;
  /** Our own id, when the carrier carried it back to us. */
  readonly callId: string | null;
  readonly direction: 'inbound' | 'outbound' | null;
  /** Who called and who was called, as E.164 where the carrier knows it. */
  readonly from: string | null;
  readonly to: string | null;
  readonly events: readonly CarrierEvent[];
  /** True: the carrier executes the document we answer with. False: it only tells us something. */
  readonly asks: boolean;
}

/** What we answer a webhook with. */
export interface WireReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A request to the carrier, as a value; a Transport sends it. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export type WireResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs: number | null;
    }
  /** No answer: refused, timed out, broken. `mayHaveArrived` false: it certainly never reached the carrier. */
  | { readonly kind: 'unreachable'; readonly why: string; readonly mayHaveArrived: boolean };

/** Sends one request; resolves always, within its own deadline. */
export type Transport = (request: WireRequest, signal: AbortSignal) => Promise<WireResponse>;

/** How a call is placed: the request, and the instruction the line will already know when it is answered. */
export interface Dial {
  readonly request: WireRequest;
  /** Key of the opening instruction when it travels along with the request; `wait` when the carrier asks later. */
  readonly told: string;
}

export type Dialled =
  | { readonly ok: true; readonly carrierCallId: string }
  | { readonly ok: false; readonly why: string };

/** What became of an instruction that was sent. */
export type Told = { readonly ok: true } | { readonly ok: false; readonly failure: TellFailure };

/** What the carrier says a call is doing when asked. */
export type LiveStatus = 'live' | 'over' | 'unknown';

/**
 * Where the media stream `n` of a call connects to until `expiresAt`: the address, which carries the token in its
 * path, and the token itself, for carriers that give parameters back when the stream starts.
 */
export type StreamUrl = (
  callId: string,
  n: number,
  expiresAt: number,
) => { readonly url: string; readonly token: string };

/** Where the carrier finds us. To be asked at each use: it may change while we run. */
export interface OurAddress {
  /** Of the webhook, public, without query. */
  readonly webhookUrl: string;
  /** Null: streaming is off, and the instruction `stream` throws VC_INTERNAL. */
  readonly streamUrl: StreamUrl | null;
}

export interface Carrier {
  readonly name: string;
  /** True: the carrier fetches documents from our webhook. False: it is told by request only. */
  readonly asks: boolean;
  /** True: it can connect a media stream to us, and takes the instruction `stream`. */
  readonly streams: boolean;
  /** Header names that must be present before a webhook's body is even read. */
  readonly signatureHeaders: readonly string[];

  /** Is this request really from the carrier? Pure; `now` in ms since the epoch. */
  verify(request: WebhookRequest, now: number): Verification;
  /** What the (verified) request says; null when it means nothing to us. Never throws on garbage. */
  decode(request: WebhookRequest, now: number): Report | null;
  /** The document for a webhook that asks. Equal calls and instructions give equal bytes. */
  asReply(call: Call, instruction: Instruction): WireReply;
  /** The answer to a webhook that only tells. */
  acknowledge(): WireReply;

  /** Why this call cannot be placed through this carrier as it is meant, or null. Nothing is dropped silently. */
  unsupported(call: Call): string | null;
  /** How to place `call`; `opening` is what the line will do once answered. */
  dial(call: Call, opening: Instruction): Dial;
  readDialled(response: WireResponse): Dialled;
  /** The requests that make the line follow `instruction`, in order; empty when there is nothing to send. */
  asRequests(call: Call, instruction: Instruction): readonly WireRequest[];
  /** What the carrier's response to one of those requests means. */
  readTold(instruction: Instruction, response: WireResponse): Told;
  /** Sent once for an inbound call that was admitted: our limits and our status address. May be empty. */
  adopt(call: Call): readonly WireRequest[];
  statusRequest(call: Call): WireRequest;
  readStatus(response: WireResponse): LiveStatus;
}
