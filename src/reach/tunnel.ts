// Tunnel: what every way in from outside is to its keeper, whoever provides it.
import type { VoiceCallError } from '../lib/errors.ts';

/** Our listener on this machine, as a tunnel sees it. */
export interface LocalDoor {
  /** Host and port: `127.0.0.1:3334`. */
  readonly at: string;
  /** Path of the webhook: one leading slash, none at the end. */
  readonly webhookPath: string;
  /** Path of the media streams; null: there are none. */
  readonly streamPath: string | null;
}

export interface TunnelNews {
  /** It leads to our webhook from this public address; again when the address changes. */
  opened(webhookUrl: string): void;
  /** It does not open, or is gone; nothing is told after that. */
  died(why: VoiceCallError): void;
}

export interface OpenTunnel {
  /** Takes back whatever was done to open it. Never rejects. */
  close(): Promise<void>;
}

export interface Tunnel {
  /** For people: `ngrok`, `Tailscale Funnel`, `Tailscale Serve`. */
  readonly name: string;
  /** Begins to open it; what becomes of it is told later, never from within this call. */
  open(news: TunnelNews): OpenTunnel;
}

/** A listener on all addresses is reached on loopback. */
export function localAt(bind: string, port: number): string {
  if (bind === '0.0.0.0') return `127.0.0.1:${port}`;
  if (bind === '::') return `[::1]:${port}`;
  return `${bind.includes(':') ? `[${bind}]` : bind}:${port}`;
}
