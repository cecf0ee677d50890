// PublicUrl: every address a carrier may have used to reach a request, likeliest first.
import { BlockList, isIP } from 'node:net';

/** Which proxies in front of us are believed about the address a carrier used. */
export interface Forwarding {
  /** Host names a forwarded address may name; empty: any. */
  readonly allowedHosts: readonly string[];
  /** Believe forwarding headers at all, also without allowedHosts. */
  readonly trustForwardingHeaders: boolean;
  /** Addresses or CIDR ranges of the proxies that are believed; empty: any peer. */
  readonly trustedProxyIPs: readonly string[];
  /** Believe this machine in any case: an agent of a tunnel runs on it. */
  readonly trustLoopback?: boolean;
}

export interface ArrivedRequest {
  /** The public addresses of the webhook, without query, the present one first; null: we have none of our own. */
  readonly publicUrls: readonly string[] | null;
  /** Path and query as received. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The peer's IP address. */
  readonly peer: string | undefined;
}

/**
 * With a public address there is one truth: its scheme, host and path, with the query of the request; a
 * path-rewriting proxy is thus no obstacle, and no header is believed, but of this machine where that is allowed.
 * Without it, a proxy we trust may say which host was asked; else the request's own Host header is all we know.
 */
export function urlsOf(request: ArrivedRequest, forwarding: Forwarding): readonly string[] {
  const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : '';
  const isNear = forwarding.trustLoopback === true && isTrustedProxy(request.peer, LOOPBACK);
  const known = request.publicUrls?.map((url) => `${url}${query}`) ?? null;
  if (known !== null && !isNear) return known;
  const forwarded = isNear || believes(request, forwarding) ? forwardedHost(request, forwarding) : null;
  if (forwarded !== null)
    return [...(known ?? []), `${forwardedProto(request)}://${forwarded}${request.path}`];
  if (known !== null) return known;
  const host = request.headers['host'];
  if (!host || !HOST.test(host)) return [];
  return [`http://${host}${request.path}`, `https://${host}${request.path}`];
}

/** A host name or address with an optional port (RFC 3986), nothing a URL could be bent with. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
/** RFC 1123 host name. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const FORWARDED_HOST_HEADERS = ['x-forwarded-host', 'x-original-host', 'ngrok-forwarded-host'] as const;

const LOOPBACK = ['127.0.0.0/8', '::1'];

function believes({ peer }: ArrivedRequest, forwarding: Forwarding): boolean {
  const isAsked = forwarding.allowedHosts.length > 0 || forwarding.trustForwardingHeaders;
  return isAsked && isTrustedProxy(peer, forwarding.trustedProxyIPs);
}

function forwardedHost(request: ArrivedRequest, forwarding: Forwarding): string | null {
  const allowed = new Set(forwarding.allowedHosts.map((host) => host.toLowerCase()));
  for (const name of FORWARDED_HOST_HEADERS) {
    const host = hostName(request.headers[name]);
    if (host !== null && (allowed.size === 0 || allowed.has(host))) return host;
  }
  return null;
}

/** The first listed host without its port, or null when it is not a plain host name. */
function hostName(header: string | undefined): string | null {
  const first =
    header
      ?.split(',', 1)[0]
      ?.trim()
      .toLowerCase()
      .replace(/:\d{1,5}$/, '') ?? '';
  return HOST_NAME.test(first) ? first : null;
}

function forwardedProto(request: ArrivedRequest): 'http' | 'https' {
  return request.headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
}

/** Is `peer` one of `proxies` (addresses or CIDR)? An IPv4 address inside IPv6 counts as the IPv4 address. */
export function isTrustedProxy(peer: string | undefined, proxies: readonly string[]): boolean {
  if (proxies.length === 0) return true;
  const address = (peer ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const family = familyOf(address);
  if (family === null) return false;
  const list = new BlockList();
  for (const proxy of proxies) addProxy(list, proxy);
  return list.check(address, family);
}

function addProxy(list: BlockList, proxy: string): void {
  const [base = '', bits] = proxy.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+)/i, '').split('/');
  const family = familyOf(base);
  if (family === null) return;
  if (bits === undefined) list.addAddress(base, family);
  else if (isPrefixLength(bits, family)) list.addSubnet(base, Number(bits), family);
}

function isPrefixLength(bits: string, family: 'ipv4' | 'ipv6'): boolean {
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv4' ? 32 : 128);
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? 'ipv4' : 'ipv6';
}
