// Tests of a watched transport: the carrier is in trouble while it cannot be reached, whatever it answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { Health } from '../lib/health.ts';
import type { WireRequest, WireResponse } from './carrier.ts';
import { watched } from './watched.ts';

const request: WireRequest = { method: 'GET', url: 'https://carrier.test/', headers: {}, body: null };
const broken: WireResponse = { kind: 'unreachable', why: 'ECONNREFUSED', mayHaveArrived: false };
const refused: WireResponse = { kind: 'answered', status: 503, body: '', retryAfterMs: null };
const silent = (): void => undefined;

describe('a watched transport', () => {
  it('is in trouble while the carrier cannot be reached, and well with the next answer of any kind', async () => {
    const health = new Health(new HandClock(), { debug: silent, info: silent, warn: silent, error: silent });
    const answers = [broken, broken, refused];
    const transport = watched(async () => answers.shift() ?? refused, health, 'acme');
    const seen: (string | undefined)[] = [];
    for (let times = 0; times < 3; times += 1) {
      await transport(request, new AbortController().signal);
      seen.push(health.troubles()[0]?.message);
    }
    const message = 'acme cannot be reached: ECONNREFUSED';
    assert.deepEqual(seen, [message, message, undefined]);
  });

  it('blames nobody for a request that we broke off ourselves', async () => {
    const health = new Health(new HandClock(), { debug: silent, info: silent, warn: silent, error: silent });
    const leaving = new AbortController();
    leaving.abort(new Error('shutting down'));
    await watched(async () => broken, health, 'acme')(request, leaving.signal);
    assert.deepEqual(health.troubles(), []);
  });
});
