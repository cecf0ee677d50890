// Tests of the queue of sound: nothing before a little is gathered, marks when they are heard, nothing after a clear.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlayQueue } from './play-queue.ts';

const RATE = 1_000;
/** At this rate 60 samples are gathered. */
const sound = (count: number, value = 1): Float32Array => new Float32Array(count).fill(value);

function heard(
  queue: PlayQueue,
  count: number,
): { readonly samples: number[]; readonly marks: readonly string[] } {
  const output = new Float32Array(count);
  const marks = queue.fill(output);
  return { samples: [...output], marks };
}

describe('The queue of sound', () => {
  it('gathers 60 ms before it plays, and then all of it in order', () => {
    const queue = new PlayQueue(RATE);
    queue.push(sound(40, 1));
    assert.deepEqual(heard(queue, 10).samples, Array(10).fill(0));
    queue.push(sound(30, 2));
    assert.deepEqual(heard(queue, 50).samples, [...Array(40).fill(1), ...Array(10).fill(2)]);
    assert.deepEqual(heard(queue, 30).samples, [...Array(20).fill(2), ...Array(10).fill(0)]);
  });

  it('plays a sound that is shorter than that, after as long', () => {
    const queue = new PlayQueue(RATE);
    queue.push(sound(20));
    for (let i = 0; i < 5; i++) assert.deepEqual(heard(queue, 10).samples, Array(10).fill(0));
    assert.deepEqual(heard(queue, 10).samples, Array(10).fill(1));
  });

  it('gathers anew when it ran dry', () => {
    const queue = new PlayQueue(RATE);
    queue.push(sound(60));
    heard(queue, 60);
    queue.push(sound(10, 2));
    assert.deepEqual(heard(queue, 10).samples, Array(10).fill(0));
  });

  it('tells a mark when everything before it was played, and not before', () => {
    const queue = new PlayQueue(RATE);
    queue.push(sound(60));
    queue.mark('first');
    queue.push(sound(20));
    queue.mark('second');
    assert.deepEqual(heard(queue, 59).marks, []);
    assert.deepEqual(heard(queue, 1).marks, ['first']);
    assert.deepEqual(heard(queue, 20).marks, ['second']);
    assert.deepEqual(heard(queue, 20).marks, []);
  });

  it('tells a mark at once that has no sound before it', () => {
    const queue = new PlayQueue(RATE);
    queue.mark('nothing');
    assert.deepEqual(heard(queue, 10).marks, ['nothing']);
  });

  it('throws away what waits, and its marks, and goes on with what comes after', () => {
    const queue = new PlayQueue(RATE);
    queue.push(sound(100));
    queue.mark('gone');
    heard(queue, 10);
    queue.clear();
    assert.deepEqual(heard(queue, 10), { samples: Array(10).fill(0), marks: [] });
    queue.push(sound(60, 2));
    queue.mark('next');
    const { samples, marks } = heard(queue, 60);
    assert.deepEqual([samples[0], marks], [2, ['next']]);
  });
});
