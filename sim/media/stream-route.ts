// streamRoute: where a media stream's URL leads: through a twin's tunnel, or straight to loopback where that is allowed.
import type { Tunnels } from '../twilio/delivery.ts';

export interface StreamRoute {
  readonly url: string;
  /** What a tunnel adds. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The loopback address behind `url`, or why the carrier cannot reach it. */
export function streamRoute(
  url: string,
  { tunnels, allowsPlain }: { readonly tunnels: Tunnels; readonly allowsPlain: boolean },
): StreamRoute | string {
  const parsed = URL.parse(url);
  if (!parsed) return `"${url}" is no URL`;
  const { protocol, hostname, host, pathname, search } = parsed;
  if (protocol === 'wss:') {
    const target = tunnels.get(`https://${host}`);
    if (target === undefined) return `${url} is not behind a tunnel of this twin`;
    const forwarded = {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': host,
      'X-Forwarded-For': '127.0.0.1',
    };
    return {
      url: target.replace(/^http/, 'ws') + pathname + search,
      headers: { Host: host, ...forwarded },
    };
  }
  if (protocol !== 'ws:') return `${url} is no wss:// URL`;
  if (!allowsPlain) return `${url} is not wss://`;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
    ? { url, headers: {} }
    : `${url} is not on loopback`;
}
