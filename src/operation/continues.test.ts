// Tests of Continues: a result is there when it is there, goes to whoever asks first, and does not pile up.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { type Answered, Continues } from './continues.ts';

const answered: Answered = { success: true, transcript: 'Yes.' };

describe('an operation', () => {
  let clock: HandClock;
  let continues: Continues;

  beforeEach(() => {
    let count = 0;
    clock = new HandClock();
    continues = new Continues(clock, () => `op-${++count}`);
  });

  it('is pending, then completed once', async () => {
    const { promise, resolve } = Promise.withResolvers<Answered>();
    const id = continues.start(promise);
    assert.deepEqual(continues.take(id), { status: 'pending' });
    assert.deepEqual(continues.take(id), { status: 'pending' });
    resolve(answered);
    await settle();
    assert.deepEqual(continues.take(id), { status: 'completed', result: answered });
    assert.throws(() => continues.take(id), isNotFound);
  });

  it('that fails says why and what to do', async () => {
    const id = continues.start(Promise.reject(new VoiceCallError('VC_TRANSCRIPT_TIMEOUT', { afterMs: 5 })));
    await settle();
    const result = continues.take(id);
    assert.ok(result.status === 'failed');
    assert.equal(result.error, 'Timed out waiting for transcript after 5ms');
    assert.match(result.cure, /transcriptTimeoutMs/);
  });

  it('nobody asks about is forgotten five minutes after it finished', async () => {
    const id = continues.start(Promise.resolve(answered));
    const slow = continues.start(new Promise(() => undefined));
    await clock.advance(5 * 60_000 - 1);
    const other = continues.start(Promise.resolve(answered));
    await clock.advance(1);
    assert.throws(() => continues.take(id), isNotFound);
    assert.deepEqual(continues.take(other), { status: 'completed', result: answered });
    assert.deepEqual(continues.take(slow), { status: 'pending' });
    assert.equal(clock.pending, 0);
  });

  it('has its own id', () => {
    const [one, two] = [0, 1].map(() => continues.start(Promise.resolve(answered)));
    assert.notEqual(one, two);
  });
});

function isNotFound(error: unknown): boolean {
  return error instanceof VoiceCallError && error.code === 'VC_OPERATION_NOT_FOUND';
}
