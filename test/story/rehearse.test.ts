// Stories of scripted callers who rehearse with the agent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RehearsalReport, rehearse } from '../../src/caller/rehearsal.ts';
import { rehearsalText } from '../../src/caller/rehearsal-text.ts';
import { readScenario } from '../../src/caller/scenario.ts';
import { steadyClock } from '../../src/lib/clock.ts';
import { type PhoneStage, phoneStage } from './phone-stage.ts';

async function played(stage: PhoneStage, steps: string, { sound = false } = {}): Promise<RehearsalReport> {
  const scenario = readScenario(`name: A rehearsal\n${steps}`, 'test.yaml');
  const url = `${stage.origin}${stage.phones.open({ sound }).url}`;
  return rehearse(scenario, { url, clock: steadyClock, stop: new AbortController().signal });
}

const verdicts = ({ findings }: RehearsalReport): readonly string[] =>
  findings.map(({ what, isHeld }) => `${isHeld ? 'ok' : 'FAIL'} ${what}`);

describe('a scripted caller', () => {
  it('who is answered as expected passes', async (t) => {
    const stage = await phoneStage(t);
    const report = await played(
      stage,
      `steps:
  - expect: a greeting
    says: hello
    within_ms: 5000
  - say: what time is it
  - expect: an answer
    says: ["You said", /time/]
    says_not: error
  - keys: "42#"
  - expect: an answer to the keys
    says: "42"
  - hang_up: true
outcome: hangup-user
turn_within_ms: 5000
`,
    );
    assert.equal(report.isPassed, true, rehearsalText([report]));
    assert.deepEqual(verdicts(report), [
      'ok a greeting',
      'ok an answer',
      'ok an answer to the keys',
      'ok it ends by hangup-user',
      'ok every turn is answered within 5000 ms',
    ]);
    assert.match(rehearsalText([report]), /^PASSED {2}A rehearsal .*\n {2}ok {4}a greeting {2}\d+ ms\n/);
  });

  it('who is not answered as expected fails, and is told what came instead', async (t) => {
    const stage = await phoneStage(t, { answer: () => 'I cannot say.' });
    const report = await played(
      stage,
      `steps:
  - say: what time is it
  - expect: the time
    says: nine
    within_ms: 1500
  - expect: no shrug
    says_not: cannot
  - hang_up: true
outcome: [hangup-bot]
`,
    );
    assert.deepEqual(verdicts(report), ['FAIL the time', 'FAIL no shrug', 'FAIL it ends by hangup-bot']);
    const text = rehearsalText([report]);
    assert.match(text, /FAIL {2}the time\n {8}the agent said: I cannot say\./);
    assert.match(text, /What was said:\n {4}agent {3}Hello\.\n {4}caller {2}what time is it/);
    assert.match(text, /1 of 1 did not go as expected\.$/);
  });

  it('whose agent is silent for too long fails on the milliseconds', async (t) => {
    const stage = await phoneStage(t, {
      answer: async () => {
        const from = steadyClock.now();
        while (steadyClock.now() < from + 900) await new Promise((resolve) => setImmediate(resolve));
        return 'At last.';
      },
    });
    const report = await played(stage, 'steps:\n  - say: hello\n  - expect: an answer\n    within_ms: 300\n');
    assert.deepEqual(verdicts(report), ['FAIL an answer']);
    assert.equal(report.findings[0]?.found, 'the agent said nothing');
  });

  it('interrupts the agent in the middle of a sentence', async (t) => {
    const long = 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.';
    const stage = await phoneStage(t, { answer: ({ turn }) => (turn === 1 ? long : 'Of course.') });
    const report = await played(
      stage,
      `steps:
  - say: tell me a story
  - expect: a story
  - interrupt: stop please
    after_ms: 1200
  - expect: to be obeyed
    says: of course
  - hang_up: true
`,
      { sound: true },
    );
    assert.equal(report.isPassed, true, rehearsalText([report]));
    assert.ok(
      report.transcript.some((line) => line.startsWith('agent   One') && line.endsWith('[cut off]')),
      report.transcript.join('\n'),
    );
  });

  it('who is hung up on hears so, and what was still to come is not held', async (t) => {
    const stage = await phoneStage(t, { settings: { maxDurationMs: 1_000 } });
    const report = await played(
      stage,
      'steps:\n  - silent_ms: 20000\n  - expect: anything\n  - hang_up: true\noutcome: timeout\n',
    );
    assert.deepEqual(verdicts(report), ['FAIL anything', 'ok it ends by timeout']);
    assert.match(report.findings[0]?.found ?? '', /the call was over: timeout/);
  });
});
