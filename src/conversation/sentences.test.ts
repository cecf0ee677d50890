// How text is cut into pieces to say: early, at places where a voice may pause, the same however it arrives.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Sentences } from './sentences.ts';

function cut(...chunks: string[]): readonly string[] {
  const sentences = new Sentences();
  return [...chunks.flatMap((chunk) => sentences.push(chunk)), ...sentences.flush()];
}

describe('An answer that is being written', () => {
  it('begins to be said at its first clause, then sentence by sentence', () => {
    const sentences = new Sentences();
    assert.deepEqual(sentences.push('I looked at your calendar,'), []);
    assert.deepEqual(sentences.push(' and'), ['I looked at your calendar,']);
    assert.deepEqual(sentences.push(' today, as it seems, you have two meetings.'), []);
    assert.deepEqual(sentences.push(' The first'), ['and today, as it seems, you have two meetings.']);
    assert.deepEqual(sentences.flush(), ['The first']);
    assert.deepEqual(sentences.flush(), []);
  });

  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['Of course. It rains in Paris today.', ['Of course.', 'It rains in Paris today.']],
    ['Yes. It rains in Paris today. Bye.', ['Yes. It rains in Paris today.', 'Bye.']],
    ['Well, it is noon now. And that is all I know.', ['Well, it is noon now.', 'And that is all I know.']],
    ['Please call Dr. Smith today. He waits.', ['Please call Dr. Smith today.', 'He waits.']],
    ['It is 3.14 or about 10:30 p.m. by 1,000 clocks.', ['It is 3.14 or about 10:30 p.m. by 1,000 clocks.']],
    ['We close at 5 p.m. Come early, please.', ['We close at 5 p.m.', 'Come early, please.']],
    ['I would say no. It is not at No. 5 today.', ['I would say no.', 'It is not at No. 5 today.']],
    ['Some fruit, e.g. Apples and pears.', ['Some fruit, e.g. Apples and pears.']],
    ['Ask J. R. Tolkien at the U.S. Embassy. Now.', ['Ask J. R. Tolkien at the U.S. Embassy.', 'Now.']],
    ['That is what you and I. Said so.', ['That is what you and I.', 'Said so.']],
    ['See www.example.com/a?b=c. It is there.', ['See www.example.com/a?b=c.', 'It is there.']],
    ['She said "Come in!" and he went in.', ['She said "Come in!" and he went in.']],
    ['She said "Come in." Then he went in.', ['She said "Come in."', 'Then he went in.']],
    ['Well... let me see that. Yes indeed.', ['Well... let me see that.', 'Yes indeed.']],
    ['Hm, wait… I have found the page.', ['Hm, wait…', 'I have found the page.']],
    ['今日は晴れです。明日は雨が降るでしょう。', ['今日は晴れです。', '明日は雨が降るでしょう。']],
    ['「はい、そうです。」と彼は言いました。', ['「はい、そうです。」', 'と彼は言いました。']],
    ['क्या आप ठीक हैं। मैं ठीक हूँ।', ['क्या आप ठीक हैं।', 'मैं ठीक हूँ।']],
    [
      'Wir sehen uns am 3. Oktober in Berlin. Bis dann!',
      ['Wir sehen uns am 3. Oktober in Berlin.', 'Bis dann!'],
    ],
    ['You are in room 5. Breakfast is at eight.', ['You are in room 5.', 'Breakfast is at eight.']],
    ['1. Take the first left.\n2. Go on for a mile.', ['1. Take the first left.', '2. Go on for a mile.']],
    ['I can do it - if you want me to.', ['I can do it -', 'if you want me to.']],
    ['', []],
    ['   ', []],
  ];
  for (const [text, pieces] of cases) {
    it(`is cut so: ${JSON.stringify(text)}`, () => assert.deepEqual(cut(text), pieces));
  }

  it('is cut into whole sentences only when it need not be early', () => {
    const sentences = new Sentences({ early: false });
    const text = 'I looked at your calendar, and it is empty. Shall I fill it?';
    assert.deepEqual(sentences.push(text), ['I looked at your calendar, and it is empty.']);
  });

  it('is cut between words when a sentence never ends', () => {
    const pieces = cut(`${'so '.repeat(150)}`);
    assert.ok(pieces.length >= 3);
    for (const piece of pieces) assert.ok(piece.length <= 200 && /^so( so)*$/.test(piece), piece);
    const comma = `${'so '.repeat(40)}on, ${'so '.repeat(60)}`;
    assert.match(cut('Go on now! ', comma)[1] ?? '', /on,$/);
    assert.ok(cut('x'.repeat(500)).every((piece) => piece.length <= 200));
  });
});

describe('Any text', () => {
  const word = fc.constantFrom(
    ...[
      'the',
      'Dr.',
      'Smith',
      'e.g.',
      'said,',
      '"Yes."',
      'No!',
      '3.',
      '3.14',
      'well…',
      '...',
      '今日。',
      '，',
      '—',
    ],
    ...[
      '-',
      '\n',
      ' ',
      '(a',
      'b.)',
      'I.',
      '10:30',
      'www.a.b/c.',
      'why?',
      '😀',
      'a'.repeat(60),
      'x'.repeat(230),
    ],
  );
  const text = fc
    .array(fc.tuple(word, fc.constantFrom('', ' ', '  ', ' '.repeat(50))), { maxLength: 60 })
    .map((pairs) => pairs.flat().join(''));

  it('loses and repeats nothing, and no piece is too long', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = cut(whole);
        assert.equal(pieces.join('').replace(/\s/g, ''), whole.replace(/\s/g, ''));
        for (const piece of pieces) assert.ok(piece.length <= 200 && piece.trim() === piece && piece !== '');
      }),
    );
  });

  it('gives the same pieces in whatever chunks it comes', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 30 }), { minLength: 1 }), (whole, sizes) => {
        const chunks: string[] = [];
        for (let from = 0, n = 0; from < whole.length; n++) {
          const size = (sizes[n % sizes.length] ?? 0) + 1;
          chunks.push(whole.slice(from, from + size));
          from += size;
        }
        assert.deepEqual(cut(...chunks), cut(whole));
      }),
    );
  });
});
