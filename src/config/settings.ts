// Settings: the configuration after parsing: complete, frozen, in our words and in ms. Nothing inside asks "or default".
import type { InboundPolicy } from '../call/admission.ts';
import type { Mode, SessionScope } from '../call/call.ts';
import type { OutboundLimits } from '../call/governor.ts';
import type { Options } from './merge.ts';
import type { RealtimeSettings } from './realtime.ts';
import type { StreamingSettings } from './streaming.ts';
import type { TunnelSettings } from './tunnel.ts';

export type CarrierSettings =
  | {
      readonly name: 'mock';
      /** What the scripted person says, one line per turn; then they hang up. */
      readonly says: readonly string[];
      readonly answerAfterMs: number;
      /** How fast the scripted person and our voice speak; 1 is natural speed, 20 is quick. */
      readonly pace: number;
    }
  | {
      readonly name: 'twilio';
      readonly accountSid: string;
      readonly authToken: string;
      readonly region: 'us1' | 'ie1' | 'au1';
      /** Where the REST API is, only for a simulator on loopback; null is the region's own host. */
      readonly apiBaseUrl: string | null;
    }
  | {
      readonly name: 'telnyx';
      readonly apiKey: string;
      readonly connectionId: string;
      /** PEM, base64 of the raw 32 bytes, or base64 DER. */
      readonly publicKey: string;
      readonly apiBaseUrl: string | null;
    }
  | {
      readonly name: 'plivo';
      readonly authId: string;
      readonly authToken: string;
      readonly apiBaseUrl: string | null;
    };

/** What is different when this number of ours is called; null is as for all others. */
export interface NumberRoute {
  readonly inboundGreeting: string | null;
  readonly agentId: string | null;
  readonly responseModel: string | null;
  readonly responseSystemPrompt: string | null;
  readonly responseTimeoutMs: number | null;
  readonly language: string | null;
  readonly voice: string | null;
  /** Speech options for calls to this number: the global ones with its own laid over; may hold secrets. */
  readonly tts: Options | null;
}

export interface Settings {
  readonly enabled: boolean;
  readonly carrier: CarrierSettings;
  /** E.164. */
  readonly fromNumber: string;
  readonly toNumber: string | null;
  readonly inboundPolicy: InboundPolicy;
  readonly allowFrom: readonly string[];
  readonly inboundGreeting: string;
  /** By the dialled number, E.164. */
  readonly numbers: ReadonlyMap<string, NumberRoute>;
  readonly defaultMode: Mode;
  readonly notifyHangupDelayMs: number;
  readonly outbound: OutboundLimits;
  readonly maxDurationMs: number;
  readonly ringTimeoutMs: number;
  readonly transcriptTimeoutMs: number;
  readonly maxConcurrentCalls: number;
  readonly maxInboundCalls: number;
  /** A call nobody answers lives no longer than this; null leaves it to the ring time. */
  readonly staleAfterMs: number | null;
  readonly serve: { readonly port: number; readonly bind: string; readonly path: string };
  readonly publicUrl: string | null;
  /** The way in we open ourselves; null: none, or `publicUrl` leads to us already. */
  readonly tunnel: TunnelSettings | null;
  /** `webhookSecurity`: which proxies are believed about the address a carrier used. */
  readonly forwarding: {
    readonly allowedHosts: readonly string[];
    readonly trustForwardingHeaders: boolean;
    readonly trustedProxyIPs: readonly string[];
    /** Also believe what is forwarded from this very machine, as an ngrok agent does. */
    readonly trustLoopback: boolean;
  };
  /** Webhooks are believed without a signature; only ever true when everything is on this machine. */
  readonly skipSignatureVerification: boolean;
  /** How long calls may go on when the Gateway is stopped, goodbyes included. */
  readonly shutdownDrainMs: number;
  readonly agentId: string | null;
  readonly sessionScope: SessionScope;
  readonly responseModel: string | null;
  readonly responseSystemPrompt: string | null;
  readonly responseTimeoutMs: number;
  /** BCP 47. */
  readonly language: string;
  readonly voice: string | null;
  /** Speech options laid over the host's; null leaves them as they are. May hold secrets. */
  readonly tts: Options | null;
  /** Live audio; null: the carrier speaks and listens for us. */
  readonly streaming: StreamingSettings | null;
  /** A voice model holds the conversation; null: none does. */
  readonly realtime: RealtimeSettings | null;
  /** How long a caller on a media stream is silent before their turn is over, ms. */
  readonly silenceTimeoutMs: number;
  /** How long a call that is over is remembered; null: for ever. */
  readonly retentionMs: number | null;
  /** Folder of the call store; null is `<state>/voice-calls`. */
  readonly store: string | null;
}
