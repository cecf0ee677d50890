// Tests of pieces.ts: nothing is lost, nothing is too long, and sentences stay whole where they can.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { inPieces } from './pieces.ts';

it('a text that fits is one piece, a blank one is none', () => {
  assert.deepEqual(inPieces('  Hello there. ', 100), ['Hello there.']);
  assert.deepEqual(inPieces(' \n\t', 100), []);
});

it('a cut is made behind a sentence, else behind a word, else between characters', () => {
  assert.deepEqual(inPieces('One. Two three.', 10), ['One.', 'Two three.']);
  assert.deepEqual(inPieces('one two three', 9), ['one two', 'three']);
  assert.deepEqual(inPieces('abcdefgh', 3), ['abc', 'def', 'gh']);
});

it('a character of two units is never halved', () => {
  assert.deepEqual(inPieces('a😀😀😀', 4), ['a😀', '😀😀']);
});

it('any text is kept whole but for white space, in pieces that fit', () => {
  const text = fc
    .array(fc.constantFrom('word', '. ', ' ', '\n', '。', '😀', '!', 'ä'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (whole, limit) => {
      const pieces = inPieces(whole, limit);
      assert.equal(pieces.join('').replace(/\s/g, ''), whole.replace(/\s/g, ''));
      for (const piece of pieces) assert.ok(piece.length <= limit && piece.trim() === piece && piece !== '');
    }),
  );
});
