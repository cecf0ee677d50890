// Tests of the callers' frames on their way from the line thread to the main thread.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FRAME_BYTES } from '../media/frame.ts';
import { type AudioEvent, HeardFrames, newTaken, tellHeard } from './heard.ts';

const frames = fc.array(
  fc.record(
    {
      kind: fc.constant('audio' as const),
      callId: fc.constantFrom('a', 'b', 'c'),
      at: fc.double({ noNaN: true }),
      mulaw: fc.uint8Array({ minLength: FRAME_BYTES, maxLength: FRAME_BYTES }),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 200 },
);

describe('What callers say on its way to the main thread', () => {
  it('arrives as it was said, in whatever pieces it goes', () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 4 }), (turns) => {
        const taken = newTaken();
        const heard = new HeardFrames(taken);
        const told: AudioEvent[] = [];
        for (const turn of turns) {
          for (const event of turn) {
            const mulaw = Uint8Array.from(event.mulaw);
            assert.ok(heard.add({ ...event, mulaw }));
            mulaw.fill(0);
          }
          const message = heard.take();
          tellHeard(structuredClone(message, { transfer: [message.mulaw.buffer] }), taken, (event) =>
            told.push(event),
          );
        }
        assert.deepEqual(told, turns.flat());
        assert.ok(told.every(({ mulaw }) => mulaw.buffer.byteLength === FRAME_BYTES));
        assert.equal(taken[0], told.length);
      }),
    );
  });
});
