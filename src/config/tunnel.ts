// Tunnel: the ways in from outside we open ourselves: their options, and the one that is chosen.
import * as z from 'zod';
import { secretOf, text } from './carrier-schema.ts';
import { normalPath, urlPath } from './path.ts';

export const tunnelSchema = z.strictObject({
  provider: z
    .enum(['none', 'ngrok', 'tailscale-serve', 'tailscale-funnel'])
    .default('none')
    .describe(
      'Opens a way in from the internet when there is no publicUrl. "tailscale-serve" reaches your own tailnet only.',
    )
    .meta({ label: 'Tunnel' }),
  ngrokAuthToken: secretOf()
    .describe('ngrok authtoken.')
    .meta({ label: 'ngrok authtoken', env: 'NGROK_AUTHTOKEN', sensitive: true }),
  ngrokDomain: text
    .regex(
      /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      'a domain is written without "https://"',
    )
    .optional()
    .describe('The ngrok domain to be reached at; ngrok chooses one when unset.')
    .meta({ label: 'ngrok domain', placeholder: 'voice.example.ngrok.app', env: 'NGROK_DOMAIN' }),
  allowNgrokFreeTierLoopbackBypass: z
    .boolean()
    .default(false)
    .describe(
      'With ngrok: forwarding headers of requests from this machine are believed too. Signatures are always checked.',
    )
    .meta({ label: 'Believe forwarding headers from this machine (ngrok)', advanced: true }),
});

export const tailscaleSchema = z.strictObject({
  mode: z
    .enum(['off', 'serve', 'funnel'])
    .default('off')
    .describe(
      'Opens a way in through Tailscale when there is neither publicUrl nor tunnel: to the tailnet, or to the internet.',
    )
    .meta({ label: 'Tailscale' }),
  path: urlPath
    .optional()
    .describe('Path of the webhook as Tailscale shows it; serve.path when unset.')
    .meta({ label: 'Webhook path at Tailscale', advanced: true }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(443)
    .describe('HTTPS port Tailscale listens on; with funnel one of 443, 8443 and 10000.')
    .meta({ label: 'HTTPS port at Tailscale', advanced: true }),
});

/** The way in we open ourselves. */
export type TunnelSettings = NgrokSettings | TailscaleSettings;

export interface NgrokSettings {
  readonly kind: 'ngrok';
  /** Null: ngrok finds its own. */
  readonly authToken: string | null;
  /** Null: ngrok chooses one. */
  readonly domain: string | null;
}

export interface TailscaleSettings {
  readonly kind: 'tailscale';
  readonly mode: 'serve' | 'funnel';
  /** Of the webhook as Tailscale shows it: one leading slash, none at the end. */
  readonly path: string;
  /** The HTTPS port outside. */
  readonly port: number;
}

/** The part of the configuration that decides it. */
interface TunnelConfig {
  readonly publicUrl?: string | undefined;
  readonly tunnel: z.output<typeof tunnelSchema>;
  readonly tailscale: z.output<typeof tailscaleSchema>;
}

/** One is chosen: `tunnel` before `tailscale`. Null: there is none, or `publicUrl` makes it needless. */
export function tunnelSettings(config: TunnelConfig, servePath: string): TunnelSettings | null {
  if (config.publicUrl !== undefined) return null;
  const { tunnel } = config;
  if (tunnel.provider === 'ngrok') {
    const { ngrokAuthToken, ngrokDomain } = tunnel;
    return {
      kind: 'ngrok',
      authToken: typeof ngrokAuthToken === 'string' ? ngrokAuthToken : null,
      domain: ngrokDomain ?? null,
    };
  }
  const mode = tailscaleMode(config);
  if (mode === 'off') return null;
  const { path, port } = config.tailscale;
  return { kind: 'tailscale', mode, path: path === undefined ? servePath : normalPath(path), port };
}

/** `tunnel.provider` says it before `tailscale.mode` does. */
export function tailscaleMode({ tunnel, tailscale }: TunnelConfig): 'off' | 'serve' | 'funnel' {
  switch (tunnel.provider) {
    case 'none':
      return tailscale.mode;
    case 'ngrok':
      return 'off';
    case 'tailscale-serve':
      return 'serve';
    case 'tailscale-funnel':
      return 'funnel';
  }
}

/** The flag lets an ngrok agent on this machine say which address was asked; it never spares a signature. */
export function trustsLoopback({ publicUrl, tunnel }: TunnelConfig): boolean {
  return publicUrl === undefined && tunnel.provider === 'ngrok' && tunnel.allowNgrokFreeTierLoopbackBypass;
}
