// Voices: which voice speaks, and which engine listens in which language, in Telnyx's words.
import type { CallSettings } from '../../call/call.ts';
import { languageOnly } from '../../lib/language.ts';
import { speakerFor as pollySpeakerFor } from '../twilio/voices.ts';

/** The fields of a speak command that choose the voice. */
export interface Speaker {
  readonly voice: string;
  readonly service_level: 'basic' | 'premium';
  /** Left out where the voice knows its language by itself. */
  readonly language?: string;
}

/** The fields of a transcription that choose who listens. */
export interface Hearing {
  readonly transcription_engine: 'Google' | 'Telnyx';
  readonly language: string;
}

/** Speaks whatever language the text is in: for languages that no Polly voice speaks. */
const ANY_LANGUAGE = 'Azure.en-US-BrianMultilingualNeural';

type Wish = Pick<CallSettings, 'voice' | 'language'>;

/** Who speaks: the voice asked for, as Telnyx names it, else one that speaks the language. */
export function speakerFor(wish: Wish): Speaker {
  const { voice, language } = wish;
  if ((voice === 'female' || voice === 'male') && languageOnly(language) === 'en') {
    return { voice, service_level: 'basic', language: 'en-US' };
  }
  if (voice !== null && isTelnyxName(voice)) return { voice, service_level: 'premium' };
  const polly = pollySpeakerFor(wish);
  if (!polly.voice?.startsWith('Polly.')) return { voice: ANY_LANGUAGE, service_level: 'premium' };
  const chosen = { voice: `AWS.${polly.voice}`, service_level: 'premium' } as const;
  return polly.language === null ? chosen : { ...chosen, language: polly.language };
}

/** `Provider.Model.Voice`; the bare `Polly.` and `Google.` belong to another carrier. */
function isTelnyxName(voice: string): boolean {
  return /^[A-Za-z]+\.\S+$/.test(voice) && !/^(Polly|Google)\./.test(voice);
}

/** Telnyx's engines name some languages in an older or wider way. */
const ALIASES: Readonly<Record<string, string>> = { nb: 'no', cmn: 'zh', arb: 'ar', he: 'iw', jw: 'jv' };

const GOOGLE: ReadonlySet<string> = new Set(
  `af sq am ar hy az eu bn bs bg my ca yue zh hr cs da nl en et fil fi fr gl ka de el gu iw hi hu is id it ja jv kn
  kk km ko lo lv lt mk ms ml mr mn ne no fa pl pt pa ro ru rw sr si sk sl ss st es su sw sv ta te th tn tr ts uk ur uz
  ve vi xh zu`.split(/\s+/),
);

const TELNYX: ReadonlySet<string> = new Set(
  `la mi cy br sn yo so oc be tg sd yi fo ht ps tk nn mt sa lb bo tl mg as tt haw ln ha ba`.split(/\s+/),
);

/** Who listens: Google where it knows the language, Telnyx's own engine elsewhere, which can also find out itself. */
export function hearingFor({ language }: Pick<Wish, 'language'>): Hearing {
  const bare = languageOnly(language);
  const named = Object.hasOwn(ALIASES, bare) ? (ALIASES[bare] ?? bare) : bare;
  if (GOOGLE.has(named)) return { transcription_engine: 'Google', language: named };
  return { transcription_engine: 'Telnyx', language: TELNYX.has(bare) ? bare : 'auto_detect' };
}
