// Tests of voices.ts: every language has a voice the official library takes, and every wish a sensible answer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { officialResponse } from '../../../test/wire/plivo/official.ts';
import { hearingFor, knownSpeaker, speakerFor } from './voices.ts';

/** As Plivo's documentation prints them for its own two voices. */
const OWN =
  `da-DK nl-NL en-AU en-GB en-US fr-FR fr-CA de-DE it-IT pl-PL pt-PT pt-BR ru-RU es-ES es-US sv-SE`.split(
    ' ',
  );
const OTHERS =
  `en en-IN en-IE de de-AT fr es es-MX it nl pt pl sv da ru nb nb-NO no is tr tr-TR ro ja ja-JP ko
  ko-KR zh zh-CN cmn hi hi-IN ar arb cy`.split(/\s+/);

it('every language has a voice that the official builder takes', () => {
  for (const language of [...OWN, ...OTHERS]) {
    const speaker = knownSpeaker({ voice: null, language });
    assert.ok(speaker?.language, language);
    assert.doesNotThrow(() =>
      officialResponse().addSpeak('x', { voice: speaker.voice, language: speaker.language }),
    );
    const isOwn = speaker.voice === 'WOMAN';
    assert.ok(isOwn ? OWN.includes(speaker.language) : /^Polly\./.test(speaker.voice), language);
  }
});

it("Plivo's own languages are spoken under their own names", () => {
  for (const language of OWN) assert.equal(speakerFor({ voice: null, language }).language, language);
});

it('the country decides the voice where there is one for it, else the language does', () => {
  assert.deepEqual(speakerFor({ voice: null, language: 'EN-gb' }), { voice: 'WOMAN', language: 'en-GB' });
  assert.deepEqual(speakerFor({ voice: null, language: 'de-AT' }), { voice: 'WOMAN', language: 'de-DE' });
  assert.deepEqual(speakerFor({ voice: null, language: 'hi-IN' }), {
    voice: 'Polly.Aditi',
    language: 'hi-IN',
  });
});

it('the well-known names of voices mean Polly voices, and an English one does not read German', () => {
  const named = ['alloy', 'echo', 'fable', 'onyx', 'nova', 'shimmer'];
  const voices = named.map((voice) => speakerFor({ voice, language: 'en-US' }).voice);
  const expected = ['Joanna', 'Matthew', 'Amy', 'Brian', 'Salli', 'Kimberly'].map((name) => `Polly.${name}`);
  assert.deepEqual(voices, expected);
  assert.equal(speakerFor({ voice: 'alloy', language: 'de-DE' }).voice, 'WOMAN');
  assert.equal(speakerFor({ voice: 'toString', language: 'en-US' }).voice, 'WOMAN');
});

it("Plivo's own names of voices pass", () => {
  assert.deepEqual(speakerFor({ voice: 'Polly.Ruth-Neural', language: 'fr-FR' }), {
    voice: 'Polly.Ruth-Neural',
    language: null,
  });
  assert.deepEqual(speakerFor({ voice: 'MAN', language: 'de' }), { voice: 'MAN', language: 'de-DE' });
  assert.equal(knownSpeaker({ voice: 'Polly.', language: 'sw-KE' }), null);
});

it('a language without a voice is known as such, and still spoken as well as may be', () => {
  assert.equal(knownSpeaker({ voice: null, language: 'sw-KE' }), null);
  assert.deepEqual(speakerFor({ voice: null, language: 'sw-KE' }), { voice: 'WOMAN', language: 'sw-KE' });
});

it('a bare language is listened for under its full name, any other as it was asked for', () => {
  const heard = ['en', 'de', 'pt', 'zh', 'nb', 'es-us', 'sw-KE', 'de-AT'].map((language) =>
    hearingFor({ language }),
  );
  assert.deepEqual(heard, ['en-US', 'de-DE', 'pt-BR', 'zh-CN', 'nb-NO', 'es-US', 'sw-KE', 'de-AT']);
});
