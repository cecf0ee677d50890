// Tests of answers.ts: every answer of Telnyx is understood, and a refusal comes with its cure.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONTROL_ID } from '../../../test/wire/telnyx/samples.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { WireResponse } from '../carrier.ts';
import { readDialled, readStatus, readTold } from './answers.ts';

const answer = (status: number, body: unknown = {}, retryAfterMs: number | null = null): WireResponse => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  retryAfterMs,
});
const refusal = (status: number, code: string, title = 'no', detail = ''): WireResponse =>
  answer(status, { errors: [{ code, title, detail }] });
const lost = (mayHaveArrived: boolean): WireResponse => ({
  kind: 'unreachable',
  why: 'ECONNRESET',
  mayHaveArrived,
});

describe('the answer to dialling', () => {
  const why = (response: WireResponse): string => {
    const dialled = readDialled(response);
    return dialled.ok ? assert.fail('it is taken for success') : dialled.why;
  };

  it('brings the id of the call', () => {
    const body = { data: { call_control_id: CONTROL_ID, is_alive: false, record_type: 'call' } };
    assert.deepEqual(readDialled(answer(200, body)), { ok: true, carrierCallId: CONTROL_ID });
  });

  it('names the cure where there is a known one', () => {
    const cures: readonly (readonly [number, string, RegExp])[] = [
      [401, '10009', /telnyx\.apiKey/],
      [401, '20002', /telnyx\.apiKey/],
      [401, '20008', /telnyx\.apiKey/],
      [403, '10010', /permissions/],
      [422, '10015', /telnyx\.connectionId/],
      [422, '10016', /fromNumber.*E\.164/],
      [402, '20100', /Add funds/],
      [403, '90041', /As many calls are in progress/],
      [403, '90042', /outbound voice profile/],
      [403, '90043', /application/],
    ];
    for (const [status, code, cure] of cures) {
      assert.match(
        why(refusal(status, code)),
        new RegExp(`^Telnyx API error: ${status} ${code} no\\. .*${cure.source}`),
      );
    }
    assert.match(why(answer(401, 'Unauthorized')), /telnyx\.apiKey/);
    assert.match(
      why(refusal(403, '10007', 'Forbidden', 'User channel limit exceeded D1')),
      /two after sign-up/,
    );
    assert.equal(why(refusal(422, '10032', 'Invalid enum')), 'Telnyx API error: 422 10032 Invalid enum');
  });

  it('tells every error there is, and takes the first known cure', () => {
    const errors = [
      { code: '10032', title: 'one' },
      { code: 10016, title: 'two', detail: 'three' },
      'four',
      null,
    ];
    assert.match(why(answer(422, { errors })), /^Telnyx API error: 422 10032 one; 10016 two: three.*E\.164/);
  });

  it('hides the numbers Telnyx quotes', () => {
    assert.match(why(refusal(422, '1', "'+15550001234' is not valid")), /'\+1\*{8}34' is not valid/);
  });

  it('says whether the call may have been placed all the same', () => {
    assert.match(why(lost(true)), /did not answer.*may have been placed.*not repeated/);
    assert.match(why(lost(false)), /Nothing was dialled; try again/);
    assert.match(why(answer(503, '<html>')), /503.*may have been placed/);
    for (const body of [{}, '<html>', { data: null }, { data: { call_control_id: 7 } }]) {
      assert.match(why(answer(200, body)), /without a call id.*may have been placed/);
    }
  });

  it('says when to try again after too many requests', () => {
    assert.match(why(refusal(429, '10011')), /nothing was dialled, try again in a while/);
    assert.match(why(answer(429, {}, 1_500)), /try again in 2 s/);
  });
});

describe('the answer to an instruction', () => {
  const hangup: Instruction = { kind: 'hangup' };
  const listen: Instruction = { kind: 'listen', turn: 1 };
  const stream: Instruction = { kind: 'stream', n: 2, expiresAt: 1 };
  const verdict = (instruction: Instruction, response: WireResponse): string => {
    const told = readTold(instruction, response);
    return told.ok ? 'ok' : told.failure.kind;
  };

  it('is agreement, also when the line listens already', () => {
    assert.equal(verdict(listen, answer(200, { data: { result: 'ok' } })), 'ok');
    assert.equal(verdict(listen, refusal(422, '90054', 'Call transcription already in progress')), 'ok');
  });

  it('is agreement when there was no stream to stop before what is asked for', () => {
    for (const instruction of [listen, stream])
      assert.equal(verdict(instruction, refusal(422, '90048', 'Media streaming not in use')), 'ok');
  });

  it('is a reason to repeat it while the last stream is on, and none when a new one cannot start', () => {
    for (const instruction of [listen, stream])
      assert.equal(verdict(instruction, refusal(422, '90045')), 'retry');
    assert.equal(verdict(stream, refusal(422, '90046', 'Media streaming failed to start')), 'refused');
  });

  it('is a call that is over', () => {
    for (const instruction of [hangup, listen]) {
      assert.equal(verdict(instruction, refusal(422, '90018', 'Call has already ended')), 'gone');
      assert.equal(verdict(instruction, answer(404, '')), 'gone');
    }
  });

  it('is a call that never was: over for one who leaves, a mistake for one who stays', () => {
    assert.equal(verdict(hangup, refusal(422, '90015')), 'gone');
    assert.equal(verdict({ kind: 'reject' }, refusal(422, '90015')), 'gone');
    assert.equal(verdict(listen, refusal(422, '90015')), 'refused');
  });

  it('is a reason to repeat it', () => {
    const passing = [
      refusal(422, '90034'),
      refusal(429, '10011'),
      answer(500),
      answer(503, '<html>'),
      lost(true),
      lost(false),
    ];
    for (const response of passing) assert.equal(verdict(listen, response), 'retry');
  });

  it('is a refusal, quoted with its codes but without numbers', () => {
    for (const response of [refusal(422, '90040'), refusal(401, '10009'), answer(400, 'x'), answer(302)]) {
      assert.equal(verdict(listen, response), 'refused');
    }
    const told = readTold(listen, refusal(422, '10033', 'Out of range', 'for +15550001234'));
    assert.equal(!told.ok && told.failure.why, 'Telnyx API error: 422 10033 Out of range: for +1********34');
  });
});

it('how a call stands is known only when Telnyx says so', () => {
  assert.equal(readStatus(answer(200, { data: { is_alive: true } })), 'live');
  assert.equal(readStatus(answer(200, { data: { is_alive: false } })), 'over');
  assert.equal(readStatus(answer(404, {})), 'over');
  const unclear = [answer(200, '<html>'), answer(200, {}), answer(200, { data: { is_alive: 'yes' } })];
  for (const response of [
    ...unclear,
    answer(401),
    answer(429),
    answer(500, { data: { is_alive: false } }),
    lost(false),
  ]) {
    assert.equal(readStatus(response), 'unknown');
  }
});
