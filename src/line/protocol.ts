// Protocol: every message between the main thread and the line thread. Plain data: nothing here holds on to anything.
import type { WebhookRequest, WireReply } from '../carrier/carrier.ts';
import type { Identity } from '../ingress/identity.ts';
import type { ArrivedRequest, Forwarding } from '../ingress/public-url.ts';
import type { StreamLimits } from '../ingress/stream-limits.ts';
import type { Gate } from '../ingress/webhook.ts';
import type { Load } from '../lib/beat.ts';
import type { LogFields } from '../lib/log.ts';
import type { LineEvent, LineInit, LineUtterance, Sound } from '../media/lines.ts';
import type { AudioEvent, HeardMessage, Taken } from './heard.ts';

/** Where media streams come in, and how they are told from strangers. */
export interface StreamSettings {
  /** `streaming.streamPath`. */
  readonly path: string;
  /** What a proxy puts before our paths, see `streamPrefix`; '' when nothing. */
  readonly prefix: string;
  readonly limits: StreamLimits;
  /** The key of the tokens; `streamUrls` must have the same. */
  readonly secret: Uint8Array;
}

/** What the line thread starts with. */
export interface LineStart {
  readonly host: string;
  readonly port: number;
  readonly stream: StreamSettings;
  /** Told to who asks on this machine. */
  readonly identity?: Identity | undefined;
  /** How far the main thread is with what callers say. */
  readonly taken: Taken;
}

/** The methods of Lines, one message each. */
export type LineCall =
  | { readonly kind: 'open'; readonly init: LineInit }
  | { readonly kind: 'identify'; readonly callId: string; readonly carrierCallId: string }
  | { readonly kind: 'say'; readonly callId: string; readonly utterance: LineUtterance }
  | { readonly kind: 'sound'; readonly callId: string; readonly utteranceId: string; readonly sound: Sound }
  | { readonly kind: 'keys'; readonly callId: string; readonly utteranceId: string; readonly digits: string }
  | { readonly kind: 'finish'; readonly callId: string; readonly utteranceId: string }
  | { readonly kind: 'drop'; readonly callId: string; readonly utteranceIds: readonly string[] }
  | { readonly kind: 'understood'; readonly callId: string; readonly text: string }
  | { readonly kind: 'close'; readonly callId: string };

/** To the line thread. */
export type ToLine =
  | LineCall
  /** Somebody looks at this call for so long: its levels are told. */
  | { readonly kind: 'meter'; readonly callId: string; readonly forMs: number }
  /** Webhooks are let in from now on. */
  | {
      readonly kind: 'serve';
      readonly publicUrls: ArrivedRequest['publicUrls'];
      readonly forwarding: Forwarding;
      readonly gate: Gate;
    }
  /** What to answer webhook `id` with. */
  | { readonly kind: 'answer'; readonly id: number; readonly reply: WireReply }
  /** Answered by `alive`, or the thread hangs. */
  | { readonly kind: 'ask' }
  /** Close the port and every connection on it; answered by `shut`. */
  | { readonly kind: 'shut' };

/** From the line thread. */
export type FromLine =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'notListening'; readonly isInUse: boolean; readonly why: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'webhook'; readonly id: number; readonly request: WebhookRequest }
  | { readonly kind: 'event'; readonly event: Exclude<LineEvent, AudioEvent> }
  | HeardMessage
  /** How hard the thread works; about once a second while there are lines. */
  | { readonly kind: 'load'; readonly load: Load }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly text: string;
      readonly fields: LogFields | undefined;
    }
  | { readonly kind: 'shut' };

/**
 * A message and the buffers that move with it. Bytes are copied first, to their exact length, and the copy moves:
 * whoever gave them keeps theirs, and a view into a pool of Node does not take all of the pool along.
 */
export function sendable(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly move: ArrayBuffer[] } {
  const copy = new Uint8Array(bytes);
  return { bytes: copy, move: [copy.buffer] };
}
