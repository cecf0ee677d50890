// Http: the one way a carrier's requests leave the process: chosen hosts, a deadline, no redirects, no throwing.
import { type Clock, systemClock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Transport, WireRequest, WireResponse } from './carrier.ts';

export interface HttpOptions {
  /** Hosts that may be talked to, as in `URL.host`: with the port unless it is the scheme's own. */
  readonly allowedHosts: ReadonlySet<string> | ((url: URL) => boolean);
  /** From the request to the last byte of its answer. Default 10 s. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Carriers answer in a few KB; more is not an answer to our question. */
const MAX_BODY_BYTES = 256 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * A transport over fetch. Plain http goes to loopback only, where a simulator may listen. `node:http` would take half
 * the processor time, but only fetch keeps its connections when the host sends its traffic through a proxy: there each
 * request of `node:http` opens one of its own, and functions imported from it by name pass the proxy by.
 */
export function httpTransport(options: HttpOptions): Transport {
  const { allowedHosts, timeoutMs = DEFAULT_TIMEOUT_MS, clock = systemClock } = options;
  return async (request, signal) => {
    const refusal = whyNot(request.url, allowedHosts);
    if (refusal) return unreachable(refusal, false);
    if (signal.aborted) return unreachable(reasonOf(signal.reason), false);
    const overdue = new AbortController();
    const cancel = clock.at(clock.now() + timeoutMs, () =>
      overdue.abort(new Error(`no answer within ${timeoutMs} ms`)),
    );
    const either = AbortSignal.any([signal, overdue.signal]);
    try {
      return await exchange(request, either, clock);
    } catch (error) {
      return either.aborted ? unreachable(reasonOf(either.reason), true) : brokenBy(error);
    } finally {
      cancel();
    }
  };
}

/** To the API at `apiBase` (scheme and host) and nowhere else: how a carrier's requests leave. */
export function apiTransport(apiBase: string, clock: Clock): Transport {
  return httpTransport({ allowedHosts: new Set([new URL(apiBase).host]), clock });
}

async function exchange(request: WireRequest, signal: AbortSignal, clock: Clock): Promise<WireResponse> {
  const { method, url, headers, body } = request;
  const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
  const text = await bodyOf(response);
  if (text === null) return unreachable(`the answer is larger than ${MAX_BODY_BYTES} bytes`, true);
  const retryAfterMs = afterMs(response.headers.get('retry-after'), clock.now());
  return { kind: 'answered', status: response.status, body: text, retryAfterMs };
}

/** The body as text, or null when it is too large: then reading stops. */
async function bodyOf(response: Response): Promise<string | null> {
  if (!response.body) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body) {
    bytes += part.byteLength;
    // Leaving the loop cancels the stream and closes its socket.
    if (bytes > MAX_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function whyNot(address: string, allowed: HttpOptions['allowedHosts']): string | null {
  const url = URL.parse(address);
  if (!url) return 'not a URL';
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!secure) return `refusing to talk to ${url.protocol}//${url.host} without TLS`;
  const known = typeof allowed === 'function' ? allowed(url) : allowed.has(url.host);
  return known ? null : `refusing to talk to ${url.host}: not a host of the carrier`;
}

/** `Retry-After` is seconds or an HTTP date. */
function afterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function brokenBy(error: unknown): WireResponse {
  // fetch says only "fetch failed"; the reason is its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return unreachable(wordsFor(cause), !neverConnected(cause));
}

function wordsFor(cause: unknown): string {
  const { code } = trouble(cause);
  const words = reasonOf(cause);
  if (code === null || words.includes(code)) return words || 'the connection failed';
  return words === '' ? code : `${code}: ${words}`;
}

const CONNECTING = new Set(['connect', 'getaddrinfo', 'lookup']);
/** What the TLS handshake fails with: a bad certificate, or no TLS at the other end at all. */
const HANDSHAKE =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$|UND_ERR_CONNECT_TIMEOUT$)/;

/** True only when no byte of the request can have reached the other side. */
function neverConnected(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverConnected);
  const { code, syscall } = trouble(cause);
  return (syscall !== null && CONNECTING.has(syscall)) || (code !== null && HANDSHAKE.test(code));
}

function trouble(cause: unknown): { code: string | null; syscall: string | null } {
  const { code, syscall } = (cause instanceof Error ? cause : {}) as { code?: unknown; syscall?: unknown };
  return {
    code: typeof code === 'string' ? code : null,
    syscall: typeof syscall === 'string' ? syscall : null,
  };
}

function unreachable(why: string, mayHaveArrived: boolean): WireResponse {
  return { kind: 'unreachable', why, mayHaveArrived };
}
