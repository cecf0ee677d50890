// Tests of voices.ts: every voice and language we choose is one the official library knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { hearingFor, speakerFor } from './voices.ts';

const types = readFileSync(
  createRequire(import.meta.url).resolve('twilio/lib/twiml/VoiceResponse.d.ts'),
  'utf8',
);

/** The members of a union of string literals in the library's types. */
function known(union: string): ReadonlySet<string> {
  const [, members = ''] = new RegExp(`type ${union} = ([^;]*);`).exec(types) ?? [];
  return new Set(members.split('|').map((member) => member.trim().replaceAll('"', '')));
}

const LANGUAGES =
  `en en-US en-GB en-AU en-IN en-IE en-CA de de-DE de-AT fr fr-FR fr-CA es es-ES es-MX es-US es-AR it it-IT nl
  nl-NL pt pt-BR pt-PT pl pl-PL sv sv-SE da da-DK nb nb-NO no is tr tr-TR ro ru ja ja-JP ko ko-KR zh zh-CN zh-TW cmn hi hi-IN
  ar ar-EG arb`.split(/\s+/);

it('every language has a voice that Twilio has, together with a language of that voice', () => {
  const [voices, languages] = [known('SayVoice'), known('SayLanguage')];
  assert.ok(voices.size > 100 && languages.size > 50, 'the unions were found');
  for (const language of LANGUAGES) {
    const speaker = speakerFor({ voice: null, language });
    assert.ok(voices.has(speaker.voice ?? ''), `${language}: ${speaker.voice}`);
    assert.ok(languages.has(speaker.language ?? ''), `${language}: ${speaker.language}`);
  }
});

it('every language is listened for under a name that Twilio has', () => {
  const languages = known('GatherLanguage');
  // Austrian German is one Twilio speaks but does not listen for; what a person asks for is passed on.
  for (const language of LANGUAGES.filter((tag) => tag !== 'de-AT')) {
    assert.ok(languages.has(hearingFor({ language })), `${language}: ${hearingFor({ language })}`);
  }
});

it('the country decides the voice where there is one for it, else the language does', () => {
  assert.equal(speakerFor({ voice: null, language: 'en-GB' }).voice, 'Polly.Amy');
  assert.equal(speakerFor({ voice: null, language: 'EN-gb' }).voice, 'Polly.Amy');
  assert.deepEqual(speakerFor({ voice: null, language: 'de-AT' }), {
    voice: 'Polly.Vicki',
    language: 'de-DE',
  });
});

it('the well-known names of voices mean Polly voices', () => {
  const named = ['alloy', 'echo', 'fable', 'onyx', 'nova', 'shimmer'];
  const voices = named.map((voice) => speakerFor({ voice, language: 'en-US' }).voice);
  const expected = ['Joanna', 'Matthew', 'Amy', 'Brian', 'Salli', 'Kimberly'].map((name) => `Polly.${name}`);
  assert.deepEqual(voices, expected);
});

it('an English voice does not read German, an unknown one reads nothing', () => {
  assert.equal(speakerFor({ voice: 'alloy', language: 'de-DE' }).voice, 'Polly.Vicki');
  assert.equal(speakerFor({ voice: 'toString', language: 'en-US' }).voice, 'Polly.Joanna');
});

it("Twilio's own names of voices pass, and bring their own language", () => {
  for (const voice of ['Polly.Ruth-Neural', 'Google.de-DE-Standard-A']) {
    assert.deepEqual(speakerFor({ voice, language: 'fr-FR' }), { voice, language: null });
  }
});

it('a language we have no voice for is left to Twilio', () => {
  assert.deepEqual(speakerFor({ voice: null, language: 'sw-KE' }), { voice: null, language: 'sw-KE' });
  assert.equal(hearingFor({ language: 'sw-KE' }), 'sw-KE');
});
