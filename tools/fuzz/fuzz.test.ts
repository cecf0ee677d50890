// Tests of Fuzz: planted faults are found and made small, the corpus holds, and a short run of every target finds nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaCodecs } from '../../src/carrier/codecs.ts';
import { Random } from '../random.ts';
import { inputsOf } from './corpus.ts';
import { type Fault, fuzzed, replayed } from './engine.ts';
import { faultText, reportOf } from './report.ts';
import { Broken, type Subject, text } from './target.ts';
import { plivoSigned, twilioSigned } from './targets/genuine.ts';
import { targets } from './targets/index.ts';
import { frameTarget } from './targets/media-frames.ts';
import { trustTarget } from './targets/webhook-trust.ts';

const SEED = 20_261_121;
/** Of a million; each target has its share of it. */
const SHORT = 12_000;

async function faultsIn(subject: Subject, count: number): Promise<readonly Fault[]> {
  return (await fuzzed(subject, { name: 'planted', seed: SEED, from: 0, count })).faults;
}

const planted = (check: (input: string) => string): Subject => ({
  make: (random) => ({ word: `${random.bits()}` }),
  check: (input) => ({ kind: 'ok', answer: check(text(input, 'word')) }),
});

describe('A planted fault is found:', () => {
  it('a target that throws, with the smallest input, which can be made again from seed and number', async () => {
    const subject = planted((word) => {
      if (word.includes('7')) throw new TypeError('seven');
      return '';
    });
    const [fault, ...others] = await faultsIn(subject, 200);
    assert.ok(fault && others.length === 0, 'the same fault is told once');
    assert.match(fault.rule, /^it throws TypeError at tools\/fuzz\/fuzz\.test\.ts:\d+/);
    assert.deepEqual(fault.input, { word: '7' });
    assert.match(text(subject.make(Random.of(SEED, 'planted', fault.at ?? -1)), 'word'), /7/);
    assert.match(faultText(fault), /npm run fuzz -- --only "planted" --seed 20261121 --at \d+/);
  });

  it('an answer that differs from one time to the next', async () => {
    let times = 0;
    const [fault] = await faultsIn(
      planted(() => {
        times += 1;
        return `${times}`;
      }),
      20,
    );
    assert.equal(fault?.rule, 'the same input is answered in two ways');
  });

  it('an answer that takes too long, in time of our own', async () => {
    const spent = (since?: NodeJS.CpuUsage): number => process.threadCpuUsage(since).user / 1_000;
    const slow = planted(() => {
      const began = process.threadCpuUsage();
      while (spent(began) < 700);
      return '';
    });
    const faults = await replayed(slow, 'planted', [{ word: 'x' }]);
    assert.deepEqual(
      faults.map(({ rule }) => rule),
      ['an answer takes more than 500 ms'],
    );
  });

  it('a signature that is not looked at', async () => {
    const { carrier } = twilioSigned();
    const credulous = trustTarget('twilio', (request, now) => {
      const verdict = carrier.verify(request, now);
      return verdict.ok || request.headers['x-twilio-signature'] === undefined
        ? verdict
        : { ok: true, replayKey: 'x' };
    });
    const faults = await faultsIn(await credulous.open(), 300);
    assert.ok(faults.some(({ rule }) => rule === 'a forgery is accepted'));
  });

  it('a header that comes along unsigned and changes the replay key', async () => {
    const { carrier } = plivoSigned();
    const careless = trustTarget('plivo', (request, now) => {
      const verdict = carrier.verify(request, now);
      return verdict.ok
        ? { ok: true, replayKey: verdict.replayKey + (request.headers['host'] ?? '') }
        : verdict;
    });
    const faults = await faultsIn(await careless.open(), 3_000);
    assert.ok(faults.some(({ rule }) => rule === 'a forgery is accepted as new'));
  });

  it('a genuine request that is refused', async () => {
    const strict = trustTarget('twilio', () => ({ ok: false, why: 'we believe nobody' }));
    const faults = await faultsIn(await strict.open(), 300);
    assert.ok(faults.some(({ rule }) => rule === 'a genuine request is refused'));
  });

  it('a reader of frames that takes what is not base64', async () => {
    const codec = mediaCodecs.get('twilio');
    assert.ok(codec);
    const lenient = frameTarget('twilio', (frame) => codec.read(frame.replaceAll('=', '')));
    const faults = await faultsIn(await lenient.open(), 500);
    assert.ok(faults.some(({ rule }) => rule === 'a frame is not heard as JSON says'));
  });

  it('and the report says so', async () => {
    const subject = planted(() => {
      throw new Broken('a forgery is accepted', 'x');
    });
    const result = await fuzzed(subject, { name: 'planted', seed: SEED, from: 0, count: 3 });
    const [target] = targets;
    assert.ok(target);
    const page = reportOf({
      seed: SEED,
      inputs: 3,
      tried: [{ target, result, cpuMs: 1 }],
      faults: result.faults,
    });
    assert.match(page, /\*\*3 inputs, 1 faults, 1 accepted forgeries\.\*\* Seed 20261121\./);
  });
});

describe('Everything that is fuzzed', () => {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  for (const target of targets) {
    it(`holds its promise on the corpus and in a short run: ${target.name}`, async () => {
      const subject = await target.open();
      try {
        const count = Math.max(20, Math.round((SHORT * target.share) / shares));
        const old = await replayed(subject, target.name, inputsOf(target.name));
        const { faults } = await fuzzed(subject, { name: target.name, seed: SEED, from: 0, count });
        assert.deepEqual([...old, ...faults].map(faultText), []);
      } finally {
        await subject.close?.();
      }
    });
  }
});
