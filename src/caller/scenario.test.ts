// Tests of Scenario: what a scenario may say, and what a fault in one is told as: line, key, cure.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { VoiceCallError } from '../lib/errors.ts';
import { matcherOf, readScenario } from './scenario.ts';

const SHIPPED = new URL('../../scenarios/', import.meta.url);

function faultIn(text: string): string {
  try {
    readScenario(text, 'mine.yaml');
  } catch (error) {
    assert.ok(error instanceof VoiceCallError);
    assert.equal(error.code, 'VC_SCENARIO_INVALID');
    return error.message;
  }
  return assert.fail('it was read');
}

describe('a scenario', () => {
  it('is read with what it leaves out', () => {
    const text =
      'name: A call\nsteps:\n  - expect: a greeting\n  - say: Hello\n  - interrupt: Stop\n  - hang_up: true\n';
    assert.deepEqual(readScenario(text, 'mine.yaml').steps, [
      { expect: 'a greeting', within_ms: 15_000 },
      { say: 'Hello' },
      { interrupt: 'Stop', after_ms: 1_000 },
      { hang_up: true },
    ]);
  });

  it('takes one outcome and one pattern as it takes several', () => {
    const text = 'name: A\noutcome: busy\nsteps:\n  - expect: x\n    says: nine\n';
    const { outcome, steps } = readScenario(text, 'mine.yaml');
    assert.deepEqual([outcome, steps], [['busy'], [{ expect: 'x', says: ['nine'], within_ms: 15_000 }]]);
  });

  it('that is faulty is told where, which key, and what is wrong', () => {
    const faults: readonly (readonly [text: string, told: RegExp])[] = [
      ['steps: []\n', /^mine\.yaml:1: name: /],
      ['name: A\nsteps: []\n', /^mine\.yaml:2: steps: /],
      ['name: A\nstep:\n  - say: x\n', /^mine\.yaml:\d: steps?: /],
      [
        'name: A\nsteps:\n  - say: Hi\n  - shout: Hey\n',
        /^mine\.yaml:4: steps\[2\]\.shout: a step is one of say, interrupt/,
      ],
      [
        'name: A\nsteps:\n  - say: Hi\n    within_ms: 5\n',
        /^mine\.yaml:4: steps\[1\]\.within_ms: it is not known here/,
      ],
      ['name: A\nsteps:\n  - expect: x\n    within_ms: soon\n', /^mine\.yaml:4: steps\[1\]\.within_ms: /],
      ['name: A\nsteps:\n  - expect: x\n    says: "/(/"\n', /^mine\.yaml:4: steps\[1\]\.says/],
      ['name: A\nsteps:\n  - keys: "12x"\n', /^mine\.yaml:3: steps\[1\]\.keys: keys are/],
      ['name: A\noutcome: gone\nsteps:\n  - say: x\n', /^mine\.yaml:2: outcome/],
      ['name: A\nsteps:\n  - say: "x\n', /^mine\.yaml:\d: the file: /],
      [BOMB, /^mine\.yaml:1: the file: .*alias/],
      ['just words', /^mine\.yaml:1: the file: /],
      ['', /^mine\.yaml:1: the file: /],
    ];
    for (const [text, told] of faults) assert.match(faultIn(text), told, text);
  });

  it('comes with the package three times, and each is right', () => {
    const files = readdirSync(SHIPPED);
    assert.equal(files.length, 3);
    for (const file of files) {
      const { steps } = readScenario(readFileSync(new URL(file, SHIPPED), 'utf8'), file);
      assert.ok(steps.some((step) => 'expect' in step));
    }
  });
});

describe('a pattern', () => {
  it('is text in any case, or an expression', () => {
    assert.ok(matcherOf('Nine')('at NINE o’clock'));
    assert.ok(!matcherOf('a.c')('abc'));
    assert.ok(matcherOf('/a.c/')('xABC'));
    assert.ok(!matcherOf('/^b/')('abc'));
  });
});

/** Ten lines that would be a billion. */
const BOMB = ['&a0 [x]']
  .concat(Array.from({ length: 9 }, (_, n) => `&a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`))
  .map((line, n) => `k${n}: ${line}\n`)
  .join('');
