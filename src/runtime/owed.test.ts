// Tests of owed.ts: what cannot be written now is written later, and what never can be is in nobody's way.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Owed } from './owed.ts';

const silent = (): void => undefined;

for (const [what, cause] of [
  ['is against the rules of its table', Object.assign(new Error('constraint failed'), { errcode: 3_091 })],
  ['is no JSON', new TypeError('Do not know how to serialize a BigInt')],
] as const) {
  it(`A step that ${what} does not keep those of other calls from the store`, async () => {
    const clock = new HandClock();
    const written: string[] = [];
    const errors: unknown[] = [];
    const owed = new Owed({
      clock,
      journal: {
        save: ({ id }) => {
          if (id === 'bad') throw new VoiceCallError('VC_STORE_FAILED', { why: 'x', path: '/x' }, { cause });
          written.push(id);
        },
      },
      log: {
        debug: silent,
        info: silent,
        warn: silent,
        error: (_text, fields) => errors.push(fields?.['callId']),
      },
    });
    const event = { kind: 'answered', at: clock.now() };
    for (const id of ['one', 'bad', 'two']) owed.save(someCall({ id }), event);
    await clock.advance(60_000);
    assert.deepEqual([written, errors], [['one', 'two'], ['bad']]);
    assert.equal(clock.pending, 0);
  });
}
