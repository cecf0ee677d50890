// Tests of the diagnosis: the log says what differs, and a stranger cannot make us work.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import type { Carrier, WebhookRequest } from '../carrier/carrier.ts';
import { mockCarrier } from '../carrier/mock/index.ts';
import { Diagnosis } from './diagnosis.ts';

function carrierThatSigned(url: string): Carrier {
  return {
    ...mockCarrier({ streamUrl: null }),
    verify: ({ urls }) => (urls.includes(url) ? { ok: true, replayKey: 'key' } : { ok: false, why: 'no' }),
  };
}

const request: WebhookRequest = {
  method: 'POST',
  path: '/voice/webhook?callId=1',
  headers: { host: 'phone.example.com:8443', 'x-forwarded-host': 'public.example.com' },
  body: '',
  urls: ['https://phone.example.com/prefix/voice/webhook?callId=1'],
};

function diagnosed(signed: string): string | null {
  return new Diagnosis(new HandClock()).of(request, carrierThatSigned(signed));
}

describe('A signature that does not fit', () => {
  const rows: [string, string][] = [
    ['http://phone.example.com/prefix/voice/webhook?callId=1', 'the scheme differs'],
    ['https://phone.example.com/voice/webhook?callId=1', 'the path differs'],
    ['https://phone.example.com/voice/webhook/?callId=1', 'the path differs'],
    ['https://phone.example.com:8443/prefix/voice/webhook?callId=1', 'the port differs'],
    ['https://public.example.com/voice/webhook?callId=1', 'the host differs, the path differs'],
  ];
  for (const [signed, differs] of rows) {
    it(`signed for ${signed}: ${differs}`, () => {
      const address = signed.split('?')[0];
      assert.equal(diagnosed(signed), `the carrier called ${address}: ${differs}; set publicUrl to it`);
    });
  }

  it('is left unexplained when no likely address fits', () => {
    assert.equal(diagnosed('https://elsewhere.example.com/'), null);
  });

  it('is looked into once in five seconds at most', async () => {
    const clock = new HandClock();
    const diagnosis = new Diagnosis(clock);
    const carrier = carrierThatSigned('https://phone.example.com/voice/webhook?callId=1');
    assert.notEqual(diagnosis.of(request, carrier), null);
    assert.equal(diagnosis.of(request, carrier), null);
    await clock.advance(5_000);
    assert.notEqual(diagnosis.of(request, carrier), null);
  });
});
