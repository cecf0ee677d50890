// Voices: which voice speaks and which language is listened for, in Twilio's words.
import type { CallSettings } from '../../call/call.ts';
import { languageOnly } from '../../lib/language.ts';
import { pollyNamed } from '../wording.ts';

/** Attributes of a `<Say>`; what is left out, Twilio chooses. */
export interface Speaker {
  readonly voice: string | null;
  readonly language: string | null;
}

interface Tongue {
  readonly voice: string;
  /** The two verbs do not name all languages alike. */
  readonly say: string;
  readonly gather: string;
}

function tongue(voice: string, say: string, gather = say): Tongue {
  return { voice: `Polly.${voice}`, say, gather };
}

const mandarin = tongue('Zhiyu', 'cmn-CN', 'cmn-Hans-CN');
const norwegian = tongue('Liv', 'nb-NO');
const arabic = tongue('Zeina', 'arb', 'ar-SA');

/** By BCP 47 tag in lower case. A bare language stands for the country most of its speakers expect. */
const BY_LANGUAGE: Readonly<Record<string, Tongue>> = {
  en: tongue('Joanna', 'en-US'),
  'en-gb': tongue('Amy', 'en-GB'),
  'en-au': tongue('Nicole', 'en-AU'),
  'en-in': tongue('Raveena', 'en-IN'),
  de: tongue('Vicki', 'de-DE'),
  fr: tongue('Lea', 'fr-FR'),
  'fr-ca': tongue('Chantal', 'fr-CA'),
  es: tongue('Lucia', 'es-ES'),
  'es-mx': tongue('Mia', 'es-MX'),
  'es-us': tongue('Lupe', 'es-US'),
  it: tongue('Bianca', 'it-IT'),
  nl: tongue('Lotte', 'nl-NL'),
  pt: tongue('Camila', 'pt-BR'),
  'pt-pt': tongue('Ines', 'pt-PT'),
  pl: tongue('Ewa', 'pl-PL'),
  sv: tongue('Astrid', 'sv-SE'),
  da: tongue('Naja', 'da-DK'),
  nb: norwegian,
  no: norwegian,
  is: tongue('Dora', 'is-IS'),
  tr: tongue('Filiz', 'tr-TR'),
  ro: tongue('Carmen', 'ro-RO'),
  ru: tongue('Tatyana', 'ru-RU'),
  ja: tongue('Mizuki', 'ja-JP'),
  ko: tongue('Seoyeon', 'ko-KR'),
  zh: mandarin,
  'zh-cn': mandarin,
  cmn: mandarin,
  'cmn-cn': mandarin,
  hi: tongue('Aditi', 'hi-IN'),
  ar: arabic,
  arb: arabic,
};

type Wish = Pick<CallSettings, 'voice' | 'language'>;

/** Who speaks. A voice named by the person knows its own language: a second opinion would silence it. */
export function speakerFor({ voice, language }: Wish): Speaker {
  if (voice !== null && /^(Polly|Google)\./.test(voice)) return { voice, language: null };
  const named = pollyNamed(voice);
  if (named && languageOnly(language) === 'en') return { voice: named, language: null };
  const known = tongueOf(language);
  return known ? { voice: known.voice, language: known.say } : { voice: null, language };
}

/** The language to listen for: the one asked for, or the fullest name of a bare language. */
export function hearingFor({ language }: Pick<Wish, 'language'>): string {
  const exact = tongueAt(language.toLowerCase());
  return exact ? exact.gather : language;
}

function tongueOf(language: string): Tongue | null {
  return tongueAt(language.toLowerCase()) ?? tongueAt(languageOnly(language));
}

function tongueAt(tag: string): Tongue | null {
  return Object.hasOwn(BY_LANGUAGE, tag) ? (BY_LANGUAGE[tag] ?? null) : null;
}
