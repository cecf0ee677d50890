// Tests of voices.ts: every voice and language we choose is one the official library knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { it } from 'node:test';
import { hearingFor, speakerFor } from './voices.ts';

const library = path.dirname(createRequire(import.meta.url).resolve('telnyx'));
const types = readFileSync(path.join(library, 'resources/calls/actions.d.ts'), 'utf8');

/** The members of a union of string literals that follows `before` in the library's types. */
function known(before: RegExp): ReadonlySet<string> {
  const [, members = ''] = new RegExp(`${before.source}((?: ?\\| ?)?'[^;]*);`).exec(types) ?? [];
  return new Set(members.split('|').map((member) => member.trim().replaceAll("'", '')));
}

const spoken = known(/interface ActionSpeakParams[\s\S]*?language\?: /);
const google = known(/type GoogleTranscriptionLanguage = /);
const telnyx = known(/type TelnyxTranscriptionLanguage = /);

const TAGS =
  `en en-US en-GB en-AU en-IN en-IE de de-DE de-AT fr fr-FR fr-CA es es-ES es-MX es-US es-AR it it-IT nl nl-NL pt
  pt-BR pt-PT pl sv da nb nb-NO no is tr ro ru ja ja-JP ko zh zh-CN zh-TW cmn hi ar ar-EG arb`.split(/\s+/);

it('the unions were found', () => {
  assert.equal(spoken.size, 29);
  assert.ok(google.size > 70 && telnyx.size > 90);
});

it('every language has a Polly voice, with a language that Telnyx knows', () => {
  for (const language of TAGS) {
    const speaker = speakerFor({ voice: null, language });
    assert.match(speaker.voice, /^AWS\.Polly\.[A-Z][a-z]+$/, language);
    assert.ok(spoken.has(speaker.language ?? ''), `${language}: ${speaker.language}`);
    assert.equal(speaker.service_level, 'premium');
  }
});

it('the country decides the voice where there is one for it, else the language does', () => {
  const voices = ['en-GB', 'de-AT', 'pt', 'zh-TW'].map(
    (language) => speakerFor({ voice: null, language }).voice,
  );
  assert.deepEqual(
    voices,
    ['Amy', 'Vicki', 'Camila', 'Zhiyu'].map((name) => `AWS.Polly.${name}`),
  );
});

it('a language without a Polly voice is spoken by one that speaks them all', () => {
  const speaker = speakerFor({ voice: null, language: 'sw-KE' });
  assert.deepEqual(speaker, { voice: 'Azure.en-US-BrianMultilingualNeural', service_level: 'premium' });
});

it("Telnyx's own names of voices pass, whatever the language", () => {
  for (const voice of [
    'Telnyx.KokoroTTS.af',
    'AWS.Polly.Joanna-Neural',
    'Azure.en-US-Ava:DragonHDLatestNeural',
  ]) {
    assert.deepEqual(speakerFor({ voice, language: 'fr-FR' }), { voice, service_level: 'premium' });
  }
});

it('names known from elsewhere mean Polly voices', () => {
  assert.equal(speakerFor({ voice: 'Polly.Ruth-Neural', language: 'en-US' }).voice, 'AWS.Polly.Ruth-Neural');
  assert.equal(speakerFor({ voice: 'nova', language: 'en-US' }).voice, 'AWS.Polly.Salli');
  assert.equal(speakerFor({ voice: 'nova', language: 'de-DE' }).voice, 'AWS.Polly.Vicki');
  assert.equal(speakerFor({ voice: 'no such voice', language: 'en-US' }).voice, 'AWS.Polly.Joanna');
});

it('female and male are the plain English voices, and no others', () => {
  for (const voice of ['female', 'male']) {
    const plain = { voice, service_level: 'basic', language: 'en-US' };
    assert.deepEqual(speakerFor({ voice, language: 'en-US' }), plain);
    assert.equal(speakerFor({ voice, language: 'de-DE' }).voice, 'AWS.Polly.Vicki');
  }
});

it('every language is listened for by an engine that knows it', () => {
  for (const language of [...TAGS, 'he', 'jw', 'cy', 'mi', 'yue-HK', 'fil', 'zu', 'EN-gb', 'tlh', '']) {
    const { transcription_engine: engine, language: named } = hearingFor({ language });
    assert.ok((engine === 'Google' ? google : telnyx).has(named), `${language}: ${engine} ${named}`);
  }
});

it('Google listens where it can, Telnyx elsewhere, and finds out by itself at last', () => {
  const heard = (language: string): string => Object.values(hearingFor({ language })).join(' ');
  assert.deepEqual(['en-US', 'nb-NO', 'he-IL', 'cmn-CN'].map(heard), [
    'Google en',
    'Google no',
    'Google iw',
    'Google zh',
  ]);
  assert.deepEqual(['cy-GB', 'tlh'].map(heard), ['Telnyx cy', 'Telnyx auto_detect']);
});

it('no language that an engine knows is left to chance', () => {
  for (const language of [...google, ...telnyx].filter((name) => name !== 'auto_detect')) {
    assert.notEqual(hearingFor({ language }).language, 'auto_detect', language);
  }
});
