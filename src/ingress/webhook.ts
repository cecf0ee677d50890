// Webhook: what happens to a request from the network: gate, verify, replay, decode, post. No carrier names.
import type { Carrier, Report, WebhookRequest, WireReply } from '../carrier/carrier.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Replay } from './replay.ts';

export interface WebhookDeps {
  readonly carrier: Carrier;
  readonly replay: Replay;
  readonly diagnosis: Diagnosis;
  readonly clock: Clock;
  readonly log: Log;
  /** Hands a report to the runtime; resolves to the answer. */
  readonly post: (report: Report) => Promise<WireReply>;
}

/** The head of a request, before its body is read. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What the gate goes by, as data: the listener may be in another thread. */
export interface Gate {
  /** `serve.path`. */
  readonly path: string;
  readonly signatureHeaders: Carrier['signatureHeaders'];
  /** Signs our own questions, see probe.ts; without it none is answered. */
  readonly probeKey?: Uint8Array;
}

/** Refuses what cannot be a webhook of ours without reading its body; null lets it in. */
export function refusalOf(head: RequestHead, gate: Gate): WireReply | null {
  const path = head.path.split('?', 1)[0] ?? '';
  if (!samePath(path, gate.path)) return plain(404, 'Not Found');
  if (head.method !== 'POST') return plain(405, 'Method Not Allowed');
  if (gate.signatureHeaders.some((name) => !head.headers[name])) return plain(401, 'Unauthorized');
  return null;
}

/** The whole way of a request that passed the gate. Never rejects. */
export async function answerWebhook(request: WebhookRequest, deps: WebhookDeps): Promise<WireReply> {
  const { carrier, clock, log } = deps;
  const verification = carrier.verify(request, clock.now());
  if (!verification.ok) {
    const hint = deps.diagnosis.of(request, carrier) ?? undefined;
    log.warn('webhook refused: the signature does not fit', { why: verification.why, hint });
    return plain(401, 'Unauthorized');
  }
  try {
    return await deps.replay.once(verification.replayKey, async () => {
      const report = carrier.decode(request, clock.now());
      return report ? deps.post(report) : carrier.acknowledge();
    });
  } catch (error) {
    log.error('a webhook could not be handled', { error: reasonOf(error) });
    return plain(500, 'Internal Server Error');
  }
}

export function plain(status: number, text: string): WireReply {
  return { status, contentType: 'text/plain; charset=utf-8', body: text };
}

/** One slash at the end does not matter: how people write paths differs. */
export function samePath(one: string, other: string): boolean {
  return withoutSlash(one) === withoutSlash(other);
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
