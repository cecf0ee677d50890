// Tests of xml.ts: whatever is said, the document is well-formed and says just that.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { textOf, treeOf } from '../../test/wire/twilio/xml-tree.ts';
import { element, legalText, xmlDocument } from './xml.ts';

/** Any 16-bit units at all: control characters, half surrogates and markup more often than not. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '&amp;',
        '<!--',
        '\r\n',
        '\t',
        '\0',
        '\u001b',
        '\ud800',
        '😀',
      ),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
  )
  .map((parts) => parts.join(''));

it('any text makes a well-formed document that says the same text', () => {
  fc.assert(
    fc.property(anyText, anyText, (text, value) => {
      const tree = treeOf(xmlDocument(element('Say', { voice: value }, [text])));
      assert.equal(textOf(tree), legalText(text));
      assert.equal(tree.attributes['voice'], legalText(value));
    }),
    { numRuns: 500 },
  );
});

it('only what XML cannot carry is taken out of a text', () => {
  assert.equal(legalText('a\0b\u0008\u000b\u001fc\ufffe\uffffd\ud800e\udc00f'), 'abcdef');
  const kept = 'tab\tline\nreturn\r\u007f\u0085 äß 漢字 😀 \u{10ffff}';
  assert.equal(legalText(kept), kept);
});

it('markup inside a text stays text, elements inside an element stay elements', () => {
  const inner = element('Say', {}, ['<Hangup/>']);
  assert.equal(
    element('Gather', { a: '"<&>' }, [inner]).markup,
    '<Gather a="&quot;&lt;&amp;>"><Say>&lt;Hangup/&gt;</Say></Gather>',
  );
});

it('an attribute without a value is left out, and an element without content is closed at once', () => {
  assert.equal(element('Say', { voice: null, language: undefined, loop: 2 }, []).markup, '<Say loop="2"/>');
});
