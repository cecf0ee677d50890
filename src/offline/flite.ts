// Flite: English text made sound, a WAV file of 16 kHz, by CMU Flite compiled to WASI.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VOICE_FILE } from './parts.ts';
import { runWasi, wasiCommand } from './wasi.ts';

/** The most pleasant of its voices that is understood well. */
const VOICE = 'slt';
/** Longer than any sentence; what is longer would take seconds and is cut by whoever asks. */
const MAX_LETTERS = 2_000;

/** Loads it, some 50 ms; what it gives takes about a hundredth of the time the sound takes. */
export function flite(folder: string): (text: string) => Uint8Array {
  const command = wasiCommand(readFileSync(join(folder, VOICE_FILE)));
  return (text) => {
    const words = text.slice(0, MAX_LETTERS).replace(/\0/g, ' ');
    const wav = runWasi(command, ['flite', '-voice', VOICE, '-t', words, '-o', '/speech.wav']);
    if (wav.length === 0) throw new Error('the embedded voice gave no sound');
    return wav;
  };
}
