// Who may reach us: every policy against callers as they are and as attackers would like to look.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { admit, type InboundPolicy, isE164 } from './admission.ts';

const FRIEND = '+15550001234';
const allowlist = { inboundPolicy: 'allowlist', allowFrom: [FRIEND] } as const;
const parsed = (json: string): InboundPolicy => JSON.parse(json);

describe('Admission', () => {
  it('lets in exactly the number on the list', () => {
    assert.deepEqual(admit(FRIEND, allowlist), { admitted: true });
  });

  it('lets in nobody who only looks like it', () => {
    const others = [
      null,
      '',
      '+',
      'anonymous',
      'Restricted',
      '15550001234',
      '0001234',
      '+155500012340',
      '+4415550001234',
      ` ${FRIEND}`,
      `${FRIEND}\n`,
      'sip:+15550001234@example.com',
      '+1555000123４',
      '+٠٥٥٥٠٠٠١٢٣٤',
    ];
    for (const caller of others) assert.equal(admit(caller, allowlist).admitted, false, String(caller));
  });

  it('matches nothing but equal text, whatever the caller sends', () => {
    fc.assert(
      fc.property(fc.string(), (caller) => {
        assert.equal(admit(caller, allowlist).admitted, caller === FRIEND);
      }),
    );
  });

  it('of a number that is none is refused even if the list names it', () => {
    assert.equal(
      admit('anonymous', { inboundPolicy: 'allowlist', allowFrom: ['anonymous'] }).admitted,
      false,
    );
  });

  it('is closed when disabled and when the policy is unknown', () => {
    const disabled = { admitted: false, cause: 'refused: inbound calls are disabled', mayPair: false };
    assert.deepEqual(admit(FRIEND, { inboundPolicy: 'disabled', allowFrom: [FRIEND] }), disabled);
    const unknown = { inboundPolicy: parsed('"everyone"'), allowFrom: [FRIEND] };
    assert.deepEqual(admit(FRIEND, unknown), disabled);
  });

  it('by pairing admits the list, lets who shows a number pair, and refuses who hides one', () => {
    const pairing = { inboundPolicy: 'pairing', allowFrom: [FRIEND] } as const;
    assert.deepEqual(admit(FRIEND, pairing), { admitted: true });
    assert.deepEqual(admit('+15550009999', pairing), {
      admitted: false,
      cause: 'refused: not paired',
      mayPair: true,
    });
    for (const caller of [null, '', 'anonymous']) {
      const admission = admit(caller, pairing);
      assert.equal(admission.admitted || admission.mayPair, false, String(caller));
    }
  });

  it('is open to all, hidden numbers too, only when the owner says open', () => {
    assert.equal(admit(null, { inboundPolicy: 'open', allowFrom: [] }).admitted, true);
  });

  it('knows a phone number when it sees one', () => {
    for (const number of ['+15550001234', '+4930123456', '+12']) assert.ok(isE164(number), number);
    for (const number of ['+0555', '+1', '15550001234', '+1 555 000', `+${'1'.repeat(16)}`]) {
      assert.ok(!isE164(number), number);
    }
  });
});
