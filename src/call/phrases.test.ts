// Tests of the phrases: every language has every sentence, and languages are found by their tags.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Phrases, pairingSentence, phrasesByLanguage, phrasesFor } from './phrases.ts';

const LANGUAGES = 'en de es fr it nl pl pt sv da nb tr ja zh ko hi ar'.split(' ');
const english = phrasesFor('en-US');
const names = Object.keys(english) as (keyof Phrases)[];

describe('The phrases', () => {
  it('are there for seventeen languages, each with every sentence, in words of its own', () => {
    assert.deepEqual(Object.keys(phrasesByLanguage).sort(), [...LANGUAGES].sort());
    for (const language of LANGUAGES) {
      const phrases = phrasesFor(`${language}-XX`);
      assert.deepEqual(Object.keys(phrases), names, language);
      for (const name of names) {
        assert.match(phrases[name], /^\S.*[.?!。？।؟]$/su, `${language} ${name}`);
        if (language !== 'en') assert.notEqual(phrases[name], english[name], `${language} ${name}`);
      }
      assert.equal(new Set(Object.values(phrases)).size, names.length, language);
    }
  });

  it('are found by the language of a tag, whatever its case, region or alias', () => {
    assert.equal(phrasesFor('de'), phrasesFor('DE-at'));
    assert.equal(phrasesFor('zh-Hans-CN'), phrasesFor('cmn-CN'));
    assert.equal(phrasesFor('no-NO'), phrasesFor('nb-NO'));
  });

  it('are English where we have no others, also for names that only look like ours', () => {
    for (const tag of ['fil-PH', 'dea-XX', 'constructor', '__proto__', '']) {
      assert.equal(phrasesFor(tag), english, tag);
    }
  });

  it('say a pairing code digit by digit, twice, in every language', () => {
    for (const language of LANGUAGES) {
      const said = pairingSentence(language, '048215');
      assert.equal(said.split('0, 4, 8, 2, 1, 5').length, 3, language);
      assert.ok(!said.includes('{'), language);
    }
  });
});
