// rules: what each command may carry, as Telnyx's specification has it, and the error for what it may not.
import type { Fields } from './ledger.ts';
import { type ErrorCode, type Refusal, refuse } from './refusal.ts';

interface Rule {
  readonly is: 'text' | 'number' | 'boolean' | 'object' | 'list';
  readonly required?: true;
  readonly oneOf?: readonly string[];
  readonly range?: readonly [least: number, most: number];
  readonly matches?: RegExp;
  /** The error when it does not match; 10015 otherwise. */
  readonly code?: ErrorCode;
}

type Rules = Readonly<Record<string, Rule>>;

const text: Rule = { is: 'text' };
const needed: Rule = { is: 'text', required: true };
const number: Rule = { ...needed, matches: /^\+[1-9]\d{6,14}$/, code: '10016' };
const url: Rule = { is: 'text', matches: /^https?:\/\/[^\s]+$/ };
const stops: Rule = { is: 'text', oneOf: ['current', 'all'] };

/** Every command takes these. */
const COMMON: Rules = {
  client_state: {
    is: 'text',
    matches: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    code: '90017',
  },
  command_id: text,
};

const ADDRESS: Rules = { webhook_url: url, webhook_url_method: { is: 'text', oneOf: ['POST', 'GET'] } };

const CODECS = 'PCMU PCMA G722 OPUS AMR-WB L16'.split(' ');
const STREAM: Rules = {
  stream_url: { is: 'text', matches: /^wss?:\/\/[^\s]+$/ },
  stream_track: { is: 'text', oneOf: ['inbound_track', 'outbound_track', 'both_tracks'] },
  stream_codec: { is: 'text', oneOf: [...CODECS, 'default'] },
  stream_bidirectional_mode: { is: 'text', oneOf: ['mp3', 'rtp'] },
  stream_bidirectional_codec: { is: 'text', oneOf: CODECS },
  stream_bidirectional_target_legs: { is: 'text', oneOf: ['both', 'self', 'opposite'] },
};
/** An `answer` does not take these. */
const MORE_STREAM: Rules = {
  ...STREAM,
  stream_bidirectional_sampling_rate: { is: 'number', oneOf: ['8000', '16000', '22050', '24000', '48000'] },
  stream_auth_token: { is: 'text', matches: /^[\s\S]{1,4000}$/, code: '10033' },
};

const LANGUAGES =
  `arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN
  is-IS it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR`.split(/\s+/);
const ENGINES =
  'Google Telnyx Deepgram Azure xAI AssemblyAI Speechmatics Soniox Parakeet Humain Reson8 Cohere A B'.split(
    ' ',
  );
const GOOGLE_LANGUAGES =
  `af sq am ar hy az eu bn bs bg my ca yue zh hr cs da nl en et fil fi fr gl ka de el gu
  iw hi hu is id it ja jv kn kk km ko lo lv lt mk ms ml mr mn ne no fa pl pt pa ro ru rw sr si sk sl ss st es su sw sv
  ta te th tn tr ts uk ur uz ve vi xh zu`.split(/\s+/);

export const RULES: Readonly<Record<string, Rules>> = {
  dial: {
    ...COMMON,
    ...ADDRESS,
    connection_id: needed,
    to: number,
    from: number,
    timeout_secs: { is: 'number', range: [5, 600] },
    time_limit_secs: { is: 'number', range: [30, 14_400] },
    ...MORE_STREAM,
  },
  answer: { ...COMMON, ...ADDRESS, ...STREAM },
  streaming_start: {
    ...COMMON,
    ...MORE_STREAM,
    stream_url: { ...needed, ...STREAM['stream_url'], required: true },
    custom_parameters: { is: 'list' },
  },
  streaming_stop: { ...COMMON, stream_id: text },
  reject: { ...COMMON, cause: { ...needed, oneOf: ['CALL_REJECTED', 'USER_BUSY'], code: '10032' } },
  hangup: COMMON,
  speak: {
    ...COMMON,
    payload: { ...needed, matches: /^[\s\S]{1,3000}$/, code: '10033' },
    voice: { ...needed, matches: /^(?:male|female|[A-Za-z]+(?:\.\S+)?)$/ },
    payload_type: { is: 'text', oneOf: ['text', 'ssml'] },
    service_level: { is: 'text', oneOf: ['basic', 'premium'] },
    language: { is: 'text', oneOf: LANGUAGES },
    stop: stops,
    loop: { is: 'number', range: [1, 100] },
  },
  playback_stop: { ...COMMON, stop: stops },
  send_dtmf: {
    ...COMMON,
    digits: { ...needed, matches: /^[0-9A-D*#wW]+$/ },
    duration_millis: { is: 'number', range: [100, 500] },
  },
  transcription_start: {
    ...COMMON,
    transcription_engine: { is: 'text', oneOf: ENGINES },
    transcription_engine_config: { is: 'object' },
    transcription_tracks: { is: 'text', oneOf: ['inbound', 'outbound', 'both'] },
  },
  transcription_stop: COMMON,
  client_state_update: { client_state: { ...needed, ...COMMON['client_state'], required: true } },
};

/** Real fields and commands that this twin does not play. */
export const UNSIMULATED: ReadonlySet<string> = new Set(
  `answering_machine_detection answering_machine_detection_config send_digits_on_answer record
  stream_establish_before_call_originate transcription transcription_config audio_url media_name custom_headers link_to bridge_on_answer privacy
  sip_region target_legs voice_settings from_display_name webhook_urls webhook_retries_policies retry_on_timeout
  playback_start gather gather_using_speak gather_using_audio gather_stop transfer bridge
  refer enqueue record_start record_stop fork_start fork_stop`.split(/\s+/),
);

/** The first thing wrong with the body of a command, or undefined. */
export function fault(action: string, body: Fields): Refusal | undefined {
  for (const [name, rule] of Object.entries(RULES[action] ?? {})) {
    const refusal = faultOf(name, rule, body[name]);
    if (refusal) return refusal;
  }
  return action === 'transcription_start' ? engineFault(body) : voiceFault(body);
}

/** Fields Telnyx would silently ignore. */
export function strangeNames(action: string, body: Fields): readonly string[] {
  return Object.keys(body).filter((name) => !Object.hasOwn(RULES[action] ?? {}, name));
}

function faultOf(name: string, rule: Rule, value: unknown): Refusal | undefined {
  const wrong = (code: ErrorCode, why: string): Refusal =>
    refuse(code, `The '${name}' parameter ${why}.`, `/${name}`);
  if (value === undefined || value === null || value === '') {
    return rule.required ? wrong('10004', 'is required') : undefined;
  }
  if (!isOf(rule, value)) return wrong(rule.code ?? '10015', `must be a ${rule.is}`);
  if (rule.oneOf && !rule.oneOf.includes(String(value))) return wrong('10032', `cannot be ${String(value)}`);
  const [least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY] = rule.range ?? [];
  if (typeof value === 'number' && (value < least || value > most))
    return wrong('10033', `must be ${least} to ${most}`);
  return rule.matches && !rule.matches.test(String(value))
    ? wrong(rule.code ?? '10015', 'is not valid')
    : undefined;
}

function isOf({ is }: Rule, value: unknown): boolean {
  if (is === 'list') return Array.isArray(value);
  if (is === 'number') return Number.isInteger(value);
  return typeof value === (is === 'text' ? 'string' : is) && !Array.isArray(value);
}

function engineFault(body: Fields): Refusal | undefined {
  const config = (body['transcription_engine_config'] ?? {}) as Fields;
  const engine = body['transcription_engine'] ?? 'Google';
  const language = config['language'];
  const at = '/transcription_engine_config/language';
  if (engine !== 'Google' || language === undefined || GOOGLE_LANGUAGES.includes(String(language)))
    return undefined;
  return refuse('10032', `Google does not transcribe ${String(language)}.`, at);
}

/** The plain voices are for plain English text. */
function voiceFault(body: Fields): Refusal | undefined {
  const isPlain = body['voice'] === 'male' || body['voice'] === 'female';
  const isBasic = body['service_level'] === 'basic';
  if (isPlain && !isBasic) return refuse('10015', 'male and female need service_level basic.', '/voice');
  const isEnglish = (body['language'] ?? 'en-US') === 'en-US' && (body['payload_type'] ?? 'text') === 'text';
  return isBasic && !isEnglish
    ? refuse('10015', 'basic is for en-US text only.', '/service_level')
    : undefined;
}
