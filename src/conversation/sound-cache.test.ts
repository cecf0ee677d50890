// What is kept of sound that was made early: not too much, and nothing that failed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mulawOf } from '../../sim/fake-voices.ts';
import type { Sound } from '../media/lines.ts';
import { SoundCache } from './sound-cache.ts';

async function* of(...sounds: readonly Sound[]): AsyncGenerator<Sound> {
  yield* sounds;
}

async function* broken(): AsyncGenerator<Sound> {
  yield mulawOf(20);
  throw new Error('500');
}

const lengthOf = async (found: AsyncIterable<Sound> | null): Promise<number | null> => {
  if (!found) return null;
  let bytes = 0;
  for await (const sound of found) bytes += sound.bytes.length;
  return bytes;
};

describe('The cache of sound', () => {
  it('gives what was prepared, as often as it is asked', async () => {
    const cache = new SoundCache();
    await cache.prepare('a', () => of(mulawOf(20), mulawOf(40)));
    await cache.prepare('a', () => assert.fail('it is there'));
    assert.equal(await lengthOf(cache.find('a')), 480);
    assert.equal(await lengthOf(cache.find('a')), 480);
    assert.equal(cache.find('b'), null);
  });

  it('forgets what could not be made; who waits for it is told', async () => {
    const cache = new SoundCache();
    const making = cache.prepare('a', broken);
    const found = cache.find('a');
    await assert.rejects(lengthOf(found), /500/);
    await making;
    assert.equal(cache.find('a'), null);
  });

  it('keeps 32 at most, those that were used last', async () => {
    const cache = new SoundCache();
    for (let n = 0; n < 32; n++) await cache.prepare(`${n}`, () => of(mulawOf(20)));
    cache.find('0');
    await cache.prepare('32', () => of(mulawOf(20)));
    assert.equal(cache.find('1'), null);
    assert.equal(await lengthOf(cache.find('0')), 160);
  });

  it('keeps 16 MB at most', async () => {
    const cache = new SoundCache();
    for (const key of ['a', 'b', 'c']) await cache.prepare(key, () => of(mulawOf(1_000_000)));
    assert.equal(cache.find('a'), null);
    assert.equal(await lengthOf(cache.find('c')), 8_000_000);
  });
});
