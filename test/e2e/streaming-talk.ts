// StreamingTalk: a telephone conversation of ten turns: what is asked, what the model answers, who talks over whom.
import { clip } from '../../sim/media/clips.ts';
import { joined } from '../../sim/media/mulaw.ts';
import { wordSound } from '../../sim/media/word-code.ts';
import type { Caller } from '../../sim/twilio/caller.ts';

/** No word stands in two answers, so that one heard twice was said twice. */
const ANSWERS: Readonly<Record<string, string>> = {
  one: 'Apple pear. Lemon grape melon plum.',
  two: 'Berry olive. Table chair couch lamp. River ocean creek pond.',
  three: 'Brick stone. Tiger zebra horse mule. Eagle raven robin wren. Maple cedar birch pine.',
  four: 'Silver gold. Paper pencil ruler book.',
  five: 'Copper zinc. Violin piano flute drum. Winter summer spring rain.',
  six: 'Bread butter. Honey sugar salt milk.',
  seven: 'Coffee tea. Jacket shirt shoe hat. Window door roof wall.',
  eight: 'Engine wheel. Garden tulip rose lily. Hammer nail screw bolt.',
  nine: 'Castle tower. Doctor nurse pilot chef. Circle square line dot. Monday Friday Sunday June.',
  ten: 'Planet moon. Comet star cloud wind.',
};

/** The turns by the last word of what is asked, which is the one the model goes by. */
export const turns: readonly string[] = Object.keys(ANSWERS);

/** What the model says to the caller's words so far. */
export function answerOf(said: readonly string[]): string {
  const asked = /(\w+)\W*$/.exec(said.at(-1)?.toLowerCase() ?? '')?.[1] ?? '';
  return ANSWERS[asked] ?? 'Pardon me? I did not understand.';
}

export function answerTo(turn: string): string {
  return ANSWERS[turn] ?? '';
}

/** The words of an answer as an ear tells them: lower case, letters only. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? [];
}

/** Cut by the caller, with the turn that cut it. */
export const interrupted: Readonly<Record<string, string>> = { three: 'four', nine: 'ten' };
/** Disturbed, but said to its end: by a grunt, and by the network. */
export const disturbedIn = 'five';
export const brokenIn = 'eight';

/** Without the silence at its end, which would make it an utterance of its own. */
const STOP = clip('stop').mulaw.subarray(0, 1_540 * 8);

/** What interrupts must be a voice: "Stop, wait a moment.", and then the words the model goes by. */
function interrupts(item: string): { readonly afterWords: number; readonly sound: Uint8Array } {
  return { afterWords: 5, sound: joined([STOP, wordSound(item)]) };
}

/** A voice too short to be a word: it stops us for a moment only. */
const GRUNT = clip('yes').mulaw.subarray(0, 300 * 8);
export const grunt = '(a grunt)';

/** Answered while the voice is out of order: from the word on that breaks it to the one that mends it. */
export const breaksVoice = 'violin';
export const mendsVoice = 'wall';
export const voiceless: readonly string[] = ['five', 'six', 'seven', 'eight'];

/** Ten turns; two of them cut an answer short, one grunt does not. */
export function talks(person: Caller): Caller {
  return (
    person
      .answersAfter(1_200)
      .says('Item one')
      .says('Item two')
      .says('Item three')
      .says('Stop, item four', interrupts('item four'))
      .says('Item five')
      .says(grunt, { afterWords: 4, sound: GRUNT })
      // Whoever grunts over somebody waits a moment for them to go on.
      .says('Item six', { afterMs: 1_500 })
      .says('Item seven')
      .says('Item eight')
      .says('Item nine', { afterMs: 1_500 })
      .says('Stop, item ten', interrupts('item ten'))
      .decides(() => ({ hangsUp: true, afterMs: 300 }))
  );
}
