// The small things of lib: ids, log lines, masked numbers, promises nobody awaits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { settle } from '../../sim/hand-clock.ts';
import { background } from './background.ts';
import { newSixDigits, newUuid } from './ids.ts';
import { type Log, type LogFields, logLine } from './log.ts';
import { maskDigits, maskNumber } from './mask.ts';

describe('A masked number', () => {
  it('shows the beginning of the country code and the last two digits', () => {
    assert.equal(maskNumber('+15550001234'), '+1********34');
    assert.equal(maskNumber('911'), '***');
    assert.equal(maskNumber(''), 'unknown');
    assert.equal(maskNumber(null), 'unknown');
  });

  it('never shows more than four characters, and keeps its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[0-9]{1,20}$/), (number) => {
        const masked = maskNumber(number);
        assert.equal(masked.length, number.length);
        assert.ok(masked.replaceAll('*', '').length <= 4);
      }),
    );
  });

  it('is masked inside a sentence too; short numbers such as status codes stay', () => {
    assert.equal(
      maskDigits('400: To +15550001234 is invalid (21211)'),
      '400: To +1********34 is invalid (21211)',
    );
  });
});

describe('A log line', () => {
  it('is static text and fields; what is undefined is left out', () => {
    assert.equal(logLine('call live'), 'call live');
    assert.equal(
      logLine('call live', { callId: 'c1', ok: true, n: 0, why: undefined }),
      'call live callId=c1 ok=true n=0',
    );
  });

  it('quotes a value with blanks, quotes, line ends or nothing in it', () => {
    const line = (why: string): string => logLine('x', { why });
    assert.equal(line('a busy line'), 'x why="a busy line"');
    assert.equal(line('say "hi"'), 'x why="say \\"hi\\""');
    assert.equal(line('one\ntwo'), 'x why="one\\ntwo"');
    assert.equal(line('one\u2028two\u0085\u001b[2J'), 'x why="one\\u2028two\\u0085\\u001b[2J"');
    assert.equal(line(''), 'x why=""');
    assert.equal(line('CallStatus=busy'), 'x why=CallStatus=busy');
  });

  it('cannot be made to hold a field or a line that nobody wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const line = logLine('text', { first: value, last: 1 });
        const [, first] = /^text first=("(?:[^"\\]|\\.)*"|[^\s"\\]+) last=1$/u.exec(line) ?? [];
        assert.ok(first !== undefined, line);
        assert.equal(first.startsWith('"') ? JSON.parse(first) : first, value);
      }),
    );
  });
});

describe('An id', () => {
  it('is new every time', () => {
    assert.notEqual(newUuid(), newUuid());
    assert.match(newUuid(), /^[0-9a-f-]{36}$/);
  });

  it('of six digits is always six digits', () => {
    for (let n = 0; n < 200; n += 1) assert.match(newSixDigits(), /^[0-9]{6}$/);
  });
});

describe('A promise nobody awaits', () => {
  it('is logged when it fails, with what it was for', async () => {
    const lines: [string, LogFields | undefined][] = [];
    const ignore = (): void => undefined;
    const log: Log = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (text, fields) => lines.push([text, fields]),
    };
    background(Promise.resolve(), 'a good deed', log);
    background(Promise.reject(new Error('no power')), 'a phone call', log);
    await settle();
    assert.deepEqual(lines, [['a phone call failed', { error: 'no power' }]]);
  });
});
