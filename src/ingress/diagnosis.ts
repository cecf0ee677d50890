// Diagnosis: when a signature does not fit: which address the carrier signed, and what of it differs from ours.
import type { Carrier, WebhookRequest } from '../carrier/carrier.ts';
import type { Clock } from '../lib/clock.ts';

/** Looking costs a dozen signature checks, so a stranger may make us look only this often. */
const LOOK_EVERY_MS = 5_000;

export class Diagnosis {
  readonly #clock: Clock;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One sentence for the log that names the cure, or null when no likely address fits. Changes no verdict. */
  of(request: WebhookRequest, carrier: Carrier): string | null {
    const now = this.#clock.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return null;
    this.#lookedAt = now;
    const [ours = ''] = request.urls;
    const theirs = likely(request).find((url) => carrier.verify({ ...request, urls: [url] }, now).ok);
    if (theirs === undefined) return null;
    const [address] = theirs.split('?', 1);
    return `the carrier called ${address}: ${differences(ours, theirs)}; set publicUrl to it`;
  }
}

/** Every address made of what the request itself says and what we expected. */
function likely({ urls, headers, path }: WebhookRequest): readonly string[] {
  const [ours = ''] = urls;
  const expected = URL.parse(ours);
  const query = path.includes('?') ? path.slice(path.indexOf('?')) : '';
  const forwarded = ['x-forwarded-host', 'x-original-host', 'ngrok-forwarded-host'].map(
    (name) => headers[name],
  );
  const hosts = present([expected?.host, headers['host'], ...forwarded]);
  const paths = present([expected && `${expected.pathname}${query}`, path, slashed(path, query)]);
  return ['https', 'http'].flatMap((scheme) =>
    hosts.flatMap((host) => paths.map((rest) => `${scheme}://${host}${rest}`)),
  );
}

function slashed(path: string, query: string): string {
  const bare = path.slice(0, path.length - query.length);
  return `${bare.endsWith('/') ? bare.slice(0, -1) : `${bare}/`}${query}`;
}

function present(values: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value): value is string => typeof value === 'string' && value !== ''))];
}

function differences(ours: string, theirs: string): string {
  const [a, b] = [URL.parse(ours), URL.parse(theirs)];
  if (!a || !b) return 'we did not know our address';
  const parts = { scheme: 'protocol', host: 'hostname', port: 'port', path: 'pathname' } as const;
  const named = Object.entries(parts).filter(([, part]) => a[part] !== b[part]);
  return named.length === 0 ? 'the query differs' : named.map(([name]) => `the ${name} differs`).join(', ');
}
