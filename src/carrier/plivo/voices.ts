// Voices: which voice speaks and which language is listened for, in Plivo's words.
import type { CallSettings } from '../../call/call.ts';
import { languageOnly } from '../../lib/language.ts';
import { pollyNamed } from '../wording.ts';

/** Attributes of a `<Speak>`. `language` null: the voice brings its own. */
export interface Speaker {
  readonly voice: string;
  readonly language: string | null;
}

interface Tongue {
  readonly voice: string;
  /** The two elements do not name all languages alike. */
  readonly speak: string;
  readonly hear: string;
}

/** One of the 16 languages of Plivo's own voices that has a woman's. */
function own(tag: string): Tongue {
  return { voice: 'WOMAN', speak: tag, hear: tag };
}

function polly(voice: string, speak: string, hear = speak): Tongue {
  return { voice: `Polly.${voice}`, speak, hear };
}

const mandarin = polly('Zhiyu', 'cmn-CN', 'zh-CN');
const norwegian = polly('Liv', 'nb-NO');
const arabic = polly('Zeina', 'arb', 'ar-SA');
const latin = polly('Mia', 'es-MX');

/** By BCP 47 tag in lower case. A bare language stands for the country most of its speakers expect. */
const BY_LANGUAGE: Readonly<Record<string, Tongue>> = {
  en: own('en-US'),
  'en-gb': own('en-GB'),
  'en-au': own('en-AU'),
  'en-in': polly('Raveena', 'en-IN'),
  de: own('de-DE'),
  fr: own('fr-FR'),
  'fr-ca': own('fr-CA'),
  es: own('es-ES'),
  'es-us': own('es-US'),
  'es-mx': latin,
  it: own('it-IT'),
  nl: own('nl-NL'),
  pt: own('pt-BR'),
  // Plivo's own voices have no woman for this one.
  'pt-pt': polly('Ines', 'pt-PT'),
  pl: own('pl-PL'),
  sv: own('sv-SE'),
  da: own('da-DK'),
  ru: own('ru-RU'),
  cy: polly('Gwyneth', 'cy-GB'),
  nb: norwegian,
  no: norwegian,
  is: polly('Dora', 'is-IS'),
  tr: polly('Filiz', 'tr-TR'),
  ro: polly('Carmen', 'ro-RO'),
  ja: polly('Mizuki', 'ja-JP'),
  ko: polly('Seoyeon', 'ko-KR'),
  zh: mandarin,
  'zh-cn': mandarin,
  cmn: mandarin,
  'cmn-cn': mandarin,
  hi: polly('Aditi', 'hi-IN'),
  ar: arabic,
  arb: arabic,
};

type Wish = Pick<CallSettings, 'voice' | 'language'>;

/** Who speaks; null when Plivo has no voice for the language. A Polly voice somebody names knows its own. */
export function knownSpeaker({ voice, language }: Wish): Speaker | null {
  if (voice !== null && /^Polly\.[A-Za-z]+(-Neural)?$/.test(voice)) return { voice, language: null };
  const named = pollyNamed(voice);
  if (named && languageOnly(language) === 'en') return { voice: named, language: null };
  const tongue = tongueOf(language);
  if (voice === 'MAN' || voice === 'WOMAN') return { voice, language: tongue?.speak ?? language };
  return tongue && { voice: tongue.voice, language: tongue.speak };
}

/** Who speaks on a call that is already there: in an unknown language, Plivo's default voice does its best. */
export function speakerFor(wish: Wish): Speaker {
  return knownSpeaker(wish) ?? { voice: 'WOMAN', language: wish.language };
}

/**
 * The language to listen for: the one asked for, or the fullest name of a bare language. Plivo's list of what it
 * understands is printed as incomplete, so no language is refused here.
 */
export function hearingFor({ language }: Pick<Wish, 'language'>): string {
  return tongueAt(language.toLowerCase())?.hear ?? language;
}

function tongueOf(language: string): Tongue | null {
  return tongueAt(language.toLowerCase()) ?? tongueAt(languageOnly(language));
}

function tongueAt(tag: string): Tongue | null {
  return Object.hasOwn(BY_LANGUAGE, tag) ? (BY_LANGUAGE[tag] ?? null) : null;
}
