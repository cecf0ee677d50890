// Tunnel: the ways in from outside we open ourselves: their options, and the one that is chosen.
import * as z from 'zod';
import { secret, text } from './carrier-schema.ts';

export const tunnelSchema = z.strictObject({
  provider: z
    .enum(['none', 'ngrok', 'tailscale-serve', 'tailscale-funnel'])
    .default('none')
    .describe(
      'Opens a way in from the internet when there is no publicUrl. "tailscale-serve" reaches your own tailnet only.',
    ),
  ngrokAuthToken: secret.describe('ngrok authtoken, or a SecretRef to it. Falls back to NGROK_AUTHTOKEN.'),
  ngrokDomain: text
    .regex(
      /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      'a domain is written without "https://"',
    )
    .optional()
    .describe('The ngrok domain to be reached at; ngrok chooses one when unset. Falls back to NGROK_DOMAIN.'),
  allowNgrokFreeTierLoopbackBypass: z
    .boolean()
    .default(false)
    .describe(
      'With ngrok: forwarding headers of requests from this machine are believed too. Signatures are always checked.',
    ),
});

export const tailscaleSchema = z.strictObject({
  mode: z
    .enum(['off', 'serve', 'funnel'])
    .default('off')
    .describe(
      'Opens a way in through Tailscale when there is neither publicUrl nor tunnel: to the tailnet, or to the internet.',
    ),
  path: text
    .regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"')
    .optional()
    .describe('Path of the webhook as Tailscale shows it; serve.path when unset.'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(443)
    .describe('HTTPS port Tailscale listens on; with funnel one of 443, 8443 and 10000.'),
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

type Env = Readonly<Record<string, string | undefined>>;

/** The part of the configuration that decides it. */
interface TunnelConfig {
  readonly publicUrl?: string | undefined;
  readonly tunnel: z.output<typeof tunnelSchema>;
  readonly tailscale: z.output<typeof tailscaleSchema>;
}

/** One is chosen: `tunnel` before `tailscale`. Null: there is none, or `publicUrl` makes it needless. */
export function tunnelSettings(config: TunnelConfig, servePath: string, env: Env): TunnelSettings | null {
  if (config.publicUrl !== undefined) return null;
  const { tunnel } = config;
  if (tunnel.provider === 'ngrok') {
    const { ngrokAuthToken, ngrokDomain } = tunnel;
    const authToken = typeof ngrokAuthToken === 'string' ? ngrokAuthToken : env['NGROK_AUTHTOKEN'];
    return {
      kind: 'ngrok',
      authToken: authToken || null,
      domain: ngrokDomain ?? (env['NGROK_DOMAIN'] || null),
    };
  }
  const mode = tailscaleMode(config);
  return mode === 'off' ? null : tailscaleSettings(config, servePath, mode);
}

/** What a route through Tailscale looks like, whether or not one is configured. */
function tailscaleSettings(
  { tailscale }: Pick<TunnelConfig, 'tailscale'>,
  servePath: string,
  mode: TailscaleSettings['mode'],
): TailscaleSettings {
  const path = tailscale.path === undefined ? servePath : `/${tailscale.path.replace(/^\/+|\/+$/g, '')}`;
  return { kind: 'tailscale', mode, path, port: tailscale.port };
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
