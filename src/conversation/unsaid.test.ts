// What remains of a text when some of it was said: nothing twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterSame, unsaid } from './unsaid.ts';

describe('What remains to be said', () => {
  const table: readonly (readonly [string, readonly string[], string])[] = [
    ['It is noon. Bye.', [], 'It is noon. Bye.'],
    ['It is noon. Bye.', ['It is noon.'], 'Bye.'],
    ['It  is noon.Bye.', ['It is', 'noon.'], 'Bye.'],
    ['It is noon. Bye.', ['It is noon. Bye.'], ''],
    ['It is noon! “Bye.”', ['It is noon.'], '“Bye.”'],
    ['It is noon. Bye.', ['Let me check.', 'It is noon.'], 'Bye.'],
    ['Well, it is noon. Bye.', ['it is noon.'], 'Bye.'],
    ['It is ten. Bye.', ['It is noon.'], 'ten. Bye.'],
    ['One for you. Bye.', ['Bye'], 'One for you. Bye.'],
    ['Something else.', ['It is noon.'], 'Something else.'],
  ];
  for (const [whole, said, rest] of table) {
    it(`of ${JSON.stringify(whole)} after ${JSON.stringify(said)}`, () => {
      assert.equal(unsaid(whole, said), rest);
    });
  }

  it('is known exactly only when the text begins with what was said', () => {
    assert.equal(afterSame('a b c', 'ab'), ' c');
    assert.equal(afterSame('a b', 'a b c'), null);
    assert.equal(afterSame('a b', 'b'), null);
  });
});
