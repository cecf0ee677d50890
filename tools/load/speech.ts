// Speech: what is said in a load test, how it sounds, and how a person hears that nothing more will come.
import { phrasesByLanguage } from '../../src/call/phrases.ts';

/** What the agent answers, whatever it is asked. */
export const ANSWER =
  'Yes, I can do that for you right away. The table is booked for two on Friday evening. Is there anything else?';
export const GREETING = 'Hello, how can I help you?';
/** What a voice model says while the agent is being asked. */
export const WAIT_A_MOMENT = 'Let me look that up for you.';

/** A calm voice, ms a letter; in whole frames. */
const LETTER_MS = 60;
const FRAME_BYTES = 160;
/** Codes of a voice that is loud: one for what is only a part, one for the end of what is owed. */
const VOICE = [0x20, 0xa0] as const;
const END = [0x2f, 0xaf] as const;
/** The end sounds so long, frames: some may be thrown away. */
const END_FRAMES = 6;

const { oneMoment, stillWorking } = phrasesByLanguage['en'] ?? { oneMoment: '', stillWorking: '' };
const FILLERS: readonly string[] = [oneMoment, stillWorking, WAIT_A_MOMENT];

/** Whether the person has been given what they were owed when they heard this to its end. */
export function settles(text: string): boolean {
  const isPart = ANSWER.includes(text) && !ANSWER.endsWith(text);
  return !isPart && !FILLERS.includes(text);
}

const SOUNDS = new Map<string, Uint8Array>();

/** A voice of the right length, mu-law at 8 kHz. */
export function soundOf(text: string): Uint8Array {
  const made = SOUNDS.get(text) ?? voice(text);
  SOUNDS.set(text, made);
  return made;
}

function voice(text: string): Uint8Array {
  const frames = Math.max(2 * END_FRAMES, Math.ceil((text.length * LETTER_MS) / 20));
  const sound = new Uint8Array(frames * FRAME_BYTES);
  const endsAt = settles(text) ? sound.length - END_FRAMES * FRAME_BYTES : sound.length;
  for (let at = 0; at < sound.length; at++) sound[at] = (at < endsAt ? VOICE : END)[at & 1] ?? 0;
  return sound;
}

/** Whether these 20 ms are the end of what was owed. */
export function isEnd(frame: Uint8Array): boolean {
  return frame[80] === END[0] && frame[81] === END[1];
}
