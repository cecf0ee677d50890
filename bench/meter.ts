// Bench: what it costs a line that somebody looks at it: the peaks of both directions, per frame of 20 ms.
import { performance } from 'node:perf_hooks';
import { Meter } from '../src/media/meter.ts';

const FRAMES = 500_000;
const frames = Array.from({ length: 16 }, (_, n) =>
  Uint8Array.from({ length: 160 }, (__, i) => (i * 7 + n * 13) & 0xff),
);

function run(count: number): { readonly microseconds: number; readonly batches: number } {
  const meter = new Meter();
  let batches = 0;
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) {
    const frame = frames[i & 15] as Uint8Array;
    meter.caller(frame, i * 20);
    meter.agent(frame, i * 20 + 180);
    if (meter.take(i * 20)) batches += 1;
  }
  return { microseconds: ((performance.now() - startedAt) * 1_000) / count, batches };
}

run(FRAMES / 10);
const { microseconds, batches } = run(FRAMES);
console.log(`Both directions of one line: ${microseconds.toFixed(2)} µs for 20 ms of sound,`);
console.log(`told in ${((batches * 1_000) / (FRAMES * 20)).toFixed(1)} messages a second.`);
