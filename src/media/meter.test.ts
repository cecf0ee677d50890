// Tests of the meter: peaks where they belong in time, batches, and what was taken back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeMulaw } from './g711.ts';
import { Meter } from './meter.ts';

const SILENCE = new Uint8Array(160).fill(0xff);
const START = 1_000_000;

function tone(amplitude: number): Uint8Array {
  const codes = new Uint8Array(160);
  encodeMulaw(
    Int16Array.from(codes, (_, i) => Math.round(amplitude * Math.sin(i / 3))),
    codes,
  );
  return codes;
}

/** All that is told until `now`, as one list; the first batch is of before the first frame. */
function told(meter: Meter, now: number, who: 'caller' | 'agent'): readonly number[] {
  const peaks: number[] = [];
  for (let batch = meter.take(now); batch; batch = meter.take(now)) peaks.push(...batch[who]);
  return peaks.slice(4);
}

describe('The meter of a line', () => {
  it('tells the peaks of both directions, four at a time, each where it belongs', () => {
    const meter = new Meter();
    for (let ms = 0; ms < 160; ms += 20) {
      meter.caller(ms >= 80 && ms < 120 ? tone(32_000) : SILENCE, START + ms);
    }
    meter.agent(tone(2_000), START + 130);
    assert.deepEqual(meter.take(START), { at: START - 160, caller: [0, 0, 0, 0], agent: [0, 0, 0, 0] });
    assert.equal(meter.take(START + 159), null);
    const peaks = meter.take(START + 160);
    assert.equal(peaks?.at, START);
    assert.deepEqual(
      peaks?.caller.map((peak) => peak > 100),
      [false, false, true, false],
    );
    assert.deepEqual(
      peaks?.agent.map((peak) => peak > 30),
      [false, false, false, true],
    );
    assert.equal(meter.take(START + 160), null);
  });

  it('is louder for what is louder, and nothing for silence', () => {
    const peaks = [0, 100, 1_000, 10_000, 32_000].map((amplitude) => {
      const meter = new Meter();
      meter.caller(amplitude === 0 ? SILENCE : tone(amplitude), START);
      return told(meter, START + 160, 'caller')[0] ?? -1;
    });
    assert.equal(peaks[0], 0);
    assert.deepEqual(
      peaks,
      [...new Set(peaks)].sort((a, b) => a - b),
    );
  });

  it('shows our sound when it is heard, not when it is sent, and forgets what was cleared', () => {
    const meter = new Meter();
    for (let ms = 0; ms < 200; ms += 20) meter.agent(tone(20_000), START + ms);
    meter.cleared(START + 50);
    assert.deepEqual(
      told(meter, START + 320, 'agent').map((peak) => peak > 0),
      [true, true, false, false, false, false, false, false],
    );
  });

  it('leaves out what comes too late', () => {
    const meter = new Meter();
    meter.caller(SILENCE, START);
    told(meter, START + 160, 'caller');
    meter.caller(tone(20_000), START);
    assert.deepEqual(meter.take(START + 320)?.caller, [0, 0, 0, 0]);
  });

  it('goes on in the present after nothing flowed for a while', () => {
    const meter = new Meter();
    meter.caller(tone(20_000), START);
    meter.caller(tone(20_000), START + 60_000);
    assert.deepEqual(
      told(meter, START + 60_160, 'caller').map((peak) => peak > 0),
      [true, false, false, false],
    );
  });
});
