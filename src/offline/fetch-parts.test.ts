// Tests of FetchParts: the archive of a package, read without trusting it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filesIn } from './fetch-parts.ts';

function entry(name: string, text: string, { type = '0', prefix = '' } = {}): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(text.length.toString(8).padStart(11, '0'), 124);
  head.write(type, 156);
  head.write(prefix, 345);
  const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  body.write(text);
  return Buffer.concat([head, body]);
}

const END = Buffer.alloc(1_024);
const textOf = (files: ReadonlyMap<string, Uint8Array>, name: string): string =>
  Buffer.from(files.get(name) ?? []).toString('utf8');

describe('the files of an archive', () => {
  it('are found by their paths, however long they are', () => {
    const long = 'x'.repeat(1_300);
    const archive = Buffer.concat([
      entry('package/a.txt', 'one'),
      entry('package/long.txt', long),
      entry('deep/b.txt', 'two', { prefix: 'package/very' }),
      END,
    ]);
    const files = filesIn(archive);
    assert.deepEqual([...files.keys()], ['package/a.txt', 'package/long.txt', 'package/very/deep/b.txt']);
    assert.equal(textOf(files, 'package/a.txt'), 'one');
    assert.equal(textOf(files, 'package/long.txt'), long);
  });

  it('are no links and no folders', () => {
    const archive = Buffer.concat([
      entry('link', '', { type: '2' }),
      entry('folder/', '', { type: '5' }),
      END,
    ]);
    assert.deepEqual([...filesIn(archive).keys()], []);
  });

  it('end where an archive breaks off', () => {
    const archive = entry('a', 'one');
    for (let length = 0; length < archive.length; length += 100)
      assert.doesNotThrow(() => filesIn(archive.subarray(0, length)));
  });
});
