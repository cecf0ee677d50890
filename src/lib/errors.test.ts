// Errors as people meet them: message and cure with the values of the case, and never a stack trace.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asVoiceCallError, reasonOf, VoiceCallError } from './errors.ts';

describe('An error', () => {
  it('says what went wrong with the values of the case, and what to do', () => {
    const who = { who: 'another program (nginx, pid 7)', cure: 'stop that program' };
    const error = new VoiceCallError('VC_PORT_IN_USE', { port: 3334, bind: '127.0.0.1', ...who });
    assert.equal(error.message, 'Port 3334 on 127.0.0.1 is already in use by another program (nginx, pid 7)');
    assert.match(error.cure, /^To have it, stop that program\. The telephone starts by itself/);
    assert.deepEqual([error.code, error.fault, error.name], ['VC_PORT_IN_USE', 'user', 'VoiceCallError']);
  });

  it('shows a value it was not given by its name, and does not fill in values of values', () => {
    assert.equal(new VoiceCallError('VC_CALL_NOT_FOUND').message, 'Call not found: {callId}');
    assert.equal(
      new VoiceCallError('VC_SPEAK_FAILED', { callId: '{why}', why: 'busy' }).message,
      'The message could not be spoken on call {why}: busy',
    );
  });

  it('keeps what caused it', () => {
    const cause = new Error('EACCES');
    assert.equal(new VoiceCallError('VC_STORE_FAILED', { why: 'x', path: 'y' }, { cause }).cause, cause);
  });

  it('of any other kind becomes one of ours, with its message and its cause', () => {
    const ours = new VoiceCallError('VC_TOO_MANY_CALLS', { limit: 1 });
    assert.equal(asVoiceCallError(ours), ours);
    const cause = new TypeError('x is undefined');
    const other = asVoiceCallError(cause);
    assert.deepEqual([other.code, other.cause], ['VC_INTERNAL', cause]);
    assert.match(other.message, /x is undefined$/);
    assert.match(asVoiceCallError('just text').message, /just text$/);
    assert.equal(reasonOf(null), 'null');
  });
});
