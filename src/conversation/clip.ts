// Clip: a sentence that needs nobody to speak it: what a caller hears when every voice has failed.
import { Buffer } from 'node:buffer';
import { languageOnly } from '../lib/language.ts';
import type { Sound } from '../media/lines.ts';
import { oneMomentInEnglish } from './clip-sound.ts';

/**
 * "One moment, please." in the caller's language, or null: then the carrier's own voice takes over at once. Made by
 * `flite -voice slt -t "One moment, please."`, brought to 8 kHz mu-law; what flite speaks is free to use.
 */
export function clip(language: string): Sound | null {
  if (languageOnly(language) !== 'en') return null;
  const bytes = new Uint8Array(Buffer.from(oneMomentInEnglish.join(''), 'base64'));
  return { encoding: 'mulaw', sampleRate: 8_000, bytes };
}
