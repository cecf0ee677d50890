// Tests of Health.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { VoiceCallError } from './errors.ts';
import { Health, type Trouble } from './health.ts';

const full = new VoiceCallError('VC_STORE_FAILED', { why: 'disk full', path: '/calls' });
const away = new VoiceCallError('VC_STORE_FAILED', { why: 'no such file', path: '/calls' });
const unreachable = new VoiceCallError('VC_CARRIER_UNREACHABLE', { carrier: 'mock', why: 'no network' });

describe('Health', () => {
  let clock: HandClock;
  let health: Health;
  let lines: string[];
  let told: (readonly Trouble[])[];

  beforeEach(() => {
    clock = new HandClock();
    lines = [];
    told = [];
    const keep = (text: string, fields = {}): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
    health = new Health(clock, { debug: keep, info: keep, warn: keep, error: keep });
    health.listen((troubles) => told.push(troubles));
  });

  it('is empty and silent while all is well', () => {
    health.well('store');
    assert.deepEqual([health.troubles(), lines, told], [[], [], []]);
  });

  it('keeps a trouble with its cure and since when, until it is well again', async () => {
    const since = clock.now();
    health.trouble('store', full);
    const { code, message, cure } = full;
    assert.deepEqual(health.troubles(), [{ subject: 'store', code, message, cure, since }]);
    await clock.advance(5_000);
    health.well('store');
    assert.deepEqual(health.troubles(), []);
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /well again .*"afterMs":5000/);
    assert.deepEqual(
      told.map((all) => all.length),
      [1, 0],
    );
  });

  it('forgets what is there no more, without saying that it is well', () => {
    health.trouble('store', full);
    health.forget('store');
    health.forget('store');
    assert.deepEqual(health.troubles(), []);
    assert.equal(lines.length, 1);
    assert.deepEqual(
      told.map((all) => all.length),
      [1, 0],
    );
  });

  it('says the same failure once, and follows its words without another line', async () => {
    const since = clock.now();
    health.trouble('store', full);
    await clock.advance(1_000);
    health.trouble('store', full);
    health.trouble('store', away);
    assert.equal(lines.length, 1);
    assert.deepEqual(
      health.troubles().map((trouble) => [trouble.message, trouble.since]),
      [[away.message, since]],
    );
    assert.equal(told.length, 2);
  });

  it('keeps subjects apart', () => {
    health.trouble('store', full);
    health.trouble('carrier', unreachable);
    health.well('store');
    assert.deepEqual(
      health.troubles().map(({ subject }) => subject),
      ['carrier'],
    );
  });

  it('goes on when a listener throws: whoever told it of a trouble, or of its end, has nothing to do with that', () => {
    const fails = (): never => {
      throw new Error('the service was stopped');
    };
    health.listen(fails);
    health.trouble('store', full);
    health.listen((troubles) => told.push(troubles));
    health.listen(fails);
    health.well('store');
    assert.deepEqual(
      told.map((troubles) => troubles.length),
      [1, 1, 0, 0],
    );
    assert.match(lines.join('\n'), /could not be told .*the service was stopped/);
  });

  it('tells a late listener what is wrong already, and none that has left', () => {
    health.trouble('carrier', unreachable);
    const late: number[] = [];
    const leave = health.listen((troubles) => late.push(troubles.length));
    leave();
    health.well('carrier');
    assert.deepEqual(late, [1]);
  });
});
