// attributes: what a verb's attributes mean in milliseconds, counts and switches, with Twilio's defaults.
import type { Received } from './delivery.ts';
import type { GatherRules } from './gather.ts';
import type { TwinSettings } from './settings.ts';
import type { Element } from './twiml.ts';

/** An attribute in whole seconds, as milliseconds. */
export function seconds(verb: Element, name: string, defaultS: number): number {
  return Number(verb.attributes[name] ?? defaultS) * 1000;
}

export function isTrue(verb: Element, name: string): boolean {
  return verb.attributes[name] === 'true';
}

/** `loop`: 0 means until the call ends. */
export function times(verb: Element): number {
  const loop = Number(verb.attributes['loop'] ?? 1);
  return loop === 0 ? Number.POSITIVE_INFINITY : loop;
}

export function gatherRules(verb: Element, settings: TwinSettings): GatherRules {
  const { attributes } = verb;
  const input = (attributes['input'] ?? 'dtmf').split(' ');
  const isAuto = attributes['speechTimeout'] === 'auto';
  const timeoutMs = seconds(verb, 'timeout', 5);
  return {
    takesSpeech: input.includes('speech'),
    takesDigits: input.includes('dtmf'),
    timeoutMs,
    speechEndMs: isAuto ? settings.autoSpeechEndMs : seconds(verb, 'speechTimeout', timeoutMs / 1000),
    longestSpeechMs: seconds(verb, 'maxSpeechTime', 60),
    finishOnKey: attributes['finishOnKey'] ?? '#',
    mostDigits: Number(attributes['numDigits'] ?? Number.POSITIVE_INFINITY),
    bargeIn: settings.speechBargeIn && attributes['bargeIn'] !== 'false',
  };
}

const RIFF_BYTE_RATE_AT = 28;
const RIFF_HEADER_BYTES = 44;
const MULAW_BYTES_PER_MS = 8;

/** How long a fetched file plays: WAV by its header, raw mu-law by its length, anything else as configured. */
export function playedMs(file: Received, otherwiseMs: number): number {
  const { bytes } = file;
  if (bytes.length > RIFF_HEADER_BYTES && bytes.toString('latin1', 0, 4) === 'RIFF') {
    return Math.round(((bytes.length - RIFF_HEADER_BYTES) * 1000) / bytes.readUInt32LE(RIFF_BYTE_RATE_AT));
  }
  return /^audio\/(basic|x-mulaw)/.test(file.contentType) ? bytes.length / MULAW_BYTES_PER_MS : otherwiseMs;
}
