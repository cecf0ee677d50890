// Probe: asks our own listener a question through its public address, over HTTP and as a WebSocket, and judges the answer.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { WebSocket } from 'ws';
import { newProbe, PROBE_PARAMETER, type Probe, probeOfStreams } from '../ingress/probe.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';

export interface ProbeTarget {
  /** The public address of the webhook, without query. */
  readonly webhookUrl: string;
  /** The public address of the media streams (ws or wss) without what stands behind their path; null: there are none. */
  readonly streamBase: string | null;
  /** The key the listener answers probes with. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Ms one question may take; 5 s unless told otherwise. */
  readonly withinMs?: number;
}

/** Why a question did not come back with its answer. */
export type ProbeFault =
  /** The name has no address. */
  | 'dns'
  /** Nobody listens there, or the way there is barred. */
  | 'refused'
  | 'tls'
  | 'timeout'
  /** Somebody else answered. */
  | 'wrong-program'
  | 'wrong-status'
  /** The host is right, but the path does not lead to us. */
  | 'path-not-forwarded'
  /** HTTP gets through, WebSockets do not. */
  | 'upgrade-not-forwarded';

export type ProbeVerdict =
  /** `streamMs` is null when there are no media streams. */
  | { readonly ok: true; readonly webhookMs: number; readonly streamMs: number | null }
  | {
      readonly ok: false;
      readonly at: 'webhook' | 'stream';
      readonly fault: ProbeFault;
      /** VC_PUBLIC_URL_BROKEN: names the address, what happened there, and what can be done. */
      readonly error: VoiceCallError;
    };

type Failed = Extract<ProbeVerdict, { ok: false }>;
type Asked = { readonly ms: number } | Seen;
interface Seen {
  readonly fault: ProbeFault;
  readonly why: string;
}

const WITHIN_MS = 5_000;
/** An answer is shorter; more of somebody else's page is not read. */
const MAX_ANSWER = 1_024;

/** One round trip each over HTTP and, where there are media streams, over a WebSocket. Never rejects. */
export async function probePublicAddress(target: ProbeTarget): Promise<ProbeVerdict> {
  const { webhookUrl, streamBase } = target;
  const [webhook, stream] = await Promise.all([
    askWebhook(target),
    streamBase === null ? null : askStream(target, streamBase),
  ]);
  if ('fault' in webhook) return failed('webhook', webhookUrl, webhook);
  if (stream !== null && 'fault' in stream) return failed('stream', streamBase ?? '', stream);
  return { ok: true, webhookMs: webhook.ms, streamMs: stream?.ms ?? null };
}

function failed(at: Failed['at'], url: string, { fault, why }: Seen): Failed {
  const cure = CURES[fault];
  const error = new VoiceCallError('VC_PUBLIC_URL_BROKEN', { url: withoutPassword(url), why, cure });
  return { ok: false, at, fault, error };
}

/** A proxy may want one, and the carrier gives it; health, status and the log show the address. */
function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}

const CURES: Readonly<Record<ProbeFault, string>> = {
  dns: 'Check the host name of publicUrl, or wait until its DNS entry is known everywhere.',
  refused: 'Start the proxy or tunnel that answers there, and open its port.',
  tls: 'Give the proxy a certificate that the internet trusts, and use https only where it speaks TLS.',
  timeout: 'Check that the firewall lets it in, and that the proxy or tunnel leads to serve.port.',
  'wrong-program': 'Another program, or another Gateway, answers there: lead this address to serve.port.',
  'wrong-status': 'Lead this address to serve.port, past logins and redirects.',
  'path-not-forwarded': 'Have the proxy or tunnel lead this path, and what is below it, to serve.port.',
  'upgrade-not-forwarded': 'Have the proxy pass WebSocket upgrades on for this path.',
};

interface Question {
  readonly probe: Probe;
  readonly withinMs: number;
  /** Ms since it was asked. */
  readonly spentMs: () => number;
}

function question({ key, newId, clock, withinMs = WITHIN_MS }: ProbeTarget): Question {
  const askedAt = clock.now();
  const probe = newProbe(key, newId(), askedAt + 2 * withinMs);
  return { probe, withinMs, spentMs: () => Math.round(clock.now() - askedAt) };
}

/** Settles once: with what `ask` says first, or as too late. */
function inTime(
  { clock }: ProbeTarget,
  { withinMs }: Question,
  ask: (tell: (asked: Asked) => void) => () => void,
): Promise<Asked> {
  return new Promise((resolve) => {
    const tell = (asked: Asked): void => {
      cancel();
      resolve(asked);
      drop();
    };
    const late: Asked = { fault: 'timeout', why: `there was no answer within ${withinMs} ms` };
    const cancel = clock.at(clock.now() + withinMs, () => tell(late));
    const drop = ask(tell);
  });
}

/** ngrok shows a page of its own to what it takes for a browser. */
const HEADERS = { 'user-agent': 'voice-call-probe', 'ngrok-skip-browser-warning': '1' };

function askWebhook(target: ProbeTarget): Promise<Asked> {
  const asking = question(target);
  const url = `${target.webhookUrl}?${PROBE_PARAMETER}=${asking.probe.nonce}`;
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return inTime(target, asking, (tell) => {
    const sent = send(url, { agent: false, headers: HEADERS }, (response) => {
      void textOf(response).then((text) => tell(judged(response, text, asking)));
    });
    sent.on('error', (error) => tell(faultOf(error)));
    sent.end();
    return () => sent.destroy();
  });
}

/** The beginning of the body, as far as it comes. */
async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  try {
    for await (const part of response) {
      text += part;
      if (text.length > MAX_ANSWER) break;
    }
  } catch {
    // What came is judged: it is not the answer.
  }
  return text;
}

function judged(response: IncomingMessage, text: string, { probe, spentMs }: Question): Asked {
  const { statusCode: status = 0 } = response;
  if (status === 200) return text === probe.answer ? { ms: spentMs() } : STRANGER;
  const why = `it answered ${status}${hintIn(response)}`;
  if (status === 404) return { fault: 'path-not-forwarded', why };
  // Our own door says this to strangers: it is one, but not that of this process.
  return status === 405 ? { ...STRANGER, why } : { fault: 'wrong-status', why };
}

const STRANGER: Seen = { fault: 'wrong-program', why: 'somebody else answered' };

/** What a tunnel or proxy says of itself. */
function hintIn({ headers }: IncomingMessage): string {
  const code = String(headers['ngrok-error-code'] ?? '');
  if (/^ERR_NGROK_\d{1,6}$/.test(code)) return ` (${code})`;
  return headers.location === undefined ? '' : ' and sent us elsewhere';
}

function askStream(target: ProbeTarget, base: string): Promise<Asked> {
  const asking = question(target);
  return inTime(target, asking, (tell) => {
    const socket = new WebSocket(probeOfStreams(base, asking.probe), {
      perMessageDeflate: false,
      headers: HEADERS,
      handshakeTimeout: asking.withinMs,
    });
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode } = response;
      const fault = statusCode === 404 ? 'path-not-forwarded' : 'upgrade-not-forwarded';
      tell({ fault, why: `it answered the upgrade with ${statusCode}${hintIn(response)}` });
    });
    socket.on('error', (error) => tell(faultOf(error)));
    socket.on('message', (data) => {
      tell(String(data) === asking.probe.answer ? { ms: asking.spentMs() } : STRANGER);
    });
    socket.on('close', () => tell({ fault: 'wrong-program', why: 'it closed without an answer' }));
    return () => socket.terminate();
  });
}

function faultOf(error: NodeJS.ErrnoException): Seen {
  const { code = '', message } = error;
  if (/^(ENOTFOUND|EAI_)/.test(code)) return { fault: 'dns', why: `its name is not known (${code})` };
  if (/CERT|TLS|SSL|EPROTO|ISSUER|SIGNATURE/.test(code)) return { fault: 'tls', why: `TLS failed (${code})` };
  if (code === 'ETIMEDOUT') return { fault: 'timeout', why: 'there was no answer (ETIMEDOUT)' };
  return { fault: 'refused', why: `the connection failed (${code || message})` };
}
