// Unverified: a carrier whose webhooks are believed without a signature, for a simulator on this machine only.
import { createHash } from 'node:crypto';
import type { Carrier, WebhookRequest } from '../carrier/carrier.ts';

/** The configuration refuses this unless everything is loopback. Repeated requests are still done only once. */
export function unverified(carrier: Carrier): Carrier {
  return {
    ...carrier,
    signatureHeaders: [],
    verify: (request) => ({ ok: true, replayKey: replayKeyOf(request) }),
  };
}

function replayKeyOf({ method, path, urls, body }: WebhookRequest): string {
  const asked = JSON.stringify([method, urls[0] ?? path, body]);
  return createHash('sha256').update(asked, 'utf8').digest('hex');
}
