// Tests of causes.ts: each way to be over has its documented name, and keeps what Plivo said.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { EndReason } from '../../call/call.ts';
import { endOf, isOver } from './causes.ts';

const end = (fields: Readonly<Record<string, string>>) => endOf(new URLSearchParams(fields));

it('the code says how it ended', () => {
  const codes: readonly (readonly [string, EndReason])[] = [
    ['1000', 'hangup-bot'],
    ['1010', 'failed'],
    ['2000', 'failed'],
    ['2060', 'failed'],
    ['3000', 'no-answer'],
    ['3010', 'busy'],
    ['3020', 'busy'],
    ['3080', 'failed'],
    ['3110', 'busy'],
    ['4000', 'completed'],
    ['4010', 'completed'],
    ['5010', 'failed'],
    ['6000', 'timeout'],
    ['6010', 'no-answer'],
    ['6020', 'failed'],
    ['7011', 'failed'],
    ['8011', 'failed'],
    ['9100', 'voicemail'],
  ];
  for (const [HangupCauseCode, reason] of codes) {
    assert.equal(end({ CallStatus: 'completed', HangupCauseCode }).reason, reason, HangupCauseCode);
  }
});

it('without a code the status says so, and where that is just "completed", the cause', () => {
  const ends: readonly (readonly [string, string, EndReason])[] = [
    ['completed', '', 'completed'],
    ['completed', 'NORMAL_CLEARING', 'completed'],
    ['completed', 'CALL_REJECTED', 'busy'],
    ['busy', 'USER_BUSY', 'busy'],
    ['failed', 'NORMAL_CLEARING', 'failed'],
    ['no-answer', 'NO_ANSWER', 'no-answer'],
    ['timeout', '', 'no-answer'],
    ['cancel', '', 'hangup-bot'],
    ['machine', '', 'voicemail'],
    ['', 'USER_BUSY', 'busy'],
    ['toString', 'constructor', 'failed'],
  ];
  for (const [CallStatus, HangupCause, reason] of ends) {
    assert.equal(end({ CallStatus, HangupCause }).reason, reason, `${CallStatus} ${HangupCause}`);
  }
  assert.equal(end({ CallStatus: 'busy', HangupCauseCode: '0000' }).reason, 'busy');
});

it("the cause is Plivo's own words, in one line", () => {
  const whole = {
    CallStatus: 'completed',
    HangupCause: 'NORMAL_CLEARING',
    HangupCauseCode: '4000',
    HangupCauseName: 'Normal Hangup',
    HangupSource: 'Callee',
  };
  assert.equal(end(whole).cause, 'NORMAL_CLEARING 4000 Normal Hangup (Callee)');
  assert.equal(end({ CallStatus: 'busy' }).cause, 'CallStatus=busy');
  assert.equal(
    end({ CallStatus: 'busy', HangupCause: 'x\ny', HangupSource: '<b>' }).cause,
    'CallStatus=busy',
  );
  assert.equal(end({}).cause, 'CallStatus=none');
});

it('whatever the fields hold, there is a reason and a short cause of one line', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '4000', 'busy'));
  fc.assert(
    fc.property(text, text, text, (CallStatus, HangupCause, HangupCauseCode) => {
      const { reason, cause } = end({ CallStatus, HangupCause, HangupCauseCode });
      assert.equal(typeof reason, 'string');
      assert.match(cause, /^[^\n\r]{1,260}$/);
    }),
  );
});

it('a call in progress is not over', () => {
  for (const status of ['', 'queued', 'ringing', 'in-progress', 'toString'])
    assert.equal(isOver(status), false);
  for (const status of ['completed', 'busy', 'failed', 'timeout', 'no-answer', 'cancel', 'machine', 'hangup'])
    assert.equal(isOver(status), true);
});
