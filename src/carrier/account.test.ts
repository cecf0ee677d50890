// Tests of what every carrier's account desk has in common: what could not be asked is never taken for harmless.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CarrierAccount } from './account.ts';
import type { WireResponse } from './carrier.ts';
import { plivoAccount } from './plivo/account.ts';
import { telnyxAccount } from './telnyx/account.ts';

const NUMBER = '+15550001234';
const URL = 'https://example.com/voice/webhook';
const answered = (status: number, body: object): WireResponse => ({
  kind: 'answered',
  status,
  body: JSON.stringify(body),
  retryAfterMs: null,
});

const desks: Readonly<Record<string, readonly [CarrierAccount, readonly WireResponse[]]>> = {
  telnyx: [
    telnyxAccount({ apiKey: 'KEY', connectionId: '7', apiBase: 'http://127.0.0.1:9' }),
    [
      answered(200, { data: [{ phone_number: NUMBER, id: '1', connection_id: '7', status: 'active' }] }),
      answered(200, { data: { application_name: 'shared', webhook_event_url: 'https://other.example' } }),
    ],
  ],
  plivo: [
    plivoAccount({ authId: 'MA', authToken: 'token', apiBase: 'http://127.0.0.1:9' }),
    [
      answered(200, { number: NUMBER.slice(1), application: '/v1/Account/MA/Application/7/' }),
      answered(200, { app_name: 'shared', answer_url: 'https://other.example' }),
    ],
  ],
};

for (const [carrier, [account, answers]] of Object.entries(desks)) {
  it(`${carrier}: nothing is put right while it is not known what else our application serves`, () => {
    const inquiry = account.number(NUMBER, URL);
    inquiry.next();
    for (const answer of answers) assert.equal(inquiry.next(answer).done, false);
    const found = inquiry.next(answered(500, {}));
    assert.equal(found.done, true);
    assert.equal(found.done && found.value.kind, 'unknown');
  });
}
