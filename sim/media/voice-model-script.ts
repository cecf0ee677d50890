// voice-model-script: what a stand-in voice model answers, and what it believes that somebody heard of it.
import { fieldsOf } from './wire.ts';
import { lengthMs } from './word-code.ts';

/** What the model answers to. */
export type Prompt =
  /** Understood in the caller's sound; '' when there were no words in it. */
  | { readonly from: 'caller'; readonly words: string }
  /** Written by the client: an instruction, or words as if the caller had said them. */
  | { readonly from: 'client'; readonly words: string }
  | { readonly from: 'tool'; readonly name: string; readonly result: unknown };

/** Something to say, a tool to call, both in this order, or nothing. */
export interface Reply {
  readonly say?: string;
  readonly call?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
}

export type Script = (prompt: Prompt) => Reply | null;

/** Says what it is told to say exactly, reads results out, and repeats a caller's words; silent about mere noise. */
export const parrot: Script = (prompt) => {
  if (prompt.from === 'tool') return { say: textIn(prompt.result) };
  if (prompt.words === '') return null;
  if (prompt.from === 'caller') return { say: `You said: ${prompt.words}` };
  return { say: quoted(prompt.words) ?? prompt.words };
};

/** What stands between the first and the last quotation mark of `Say exactly: "..."`. */
function quoted(instruction: string): string | undefined {
  return /exactly[^"“]*["“](.+)["”]/is.exec(instruction)?.[1];
}

function textIn(result: unknown): string {
  if (typeof result === 'string') return result;
  const { text, output, answer, error } = fieldsOf(result) ?? {};
  const found = [text, output, answer, error].find((one) => typeof one === 'string');
  return typeof found === 'string' ? found : JSON.stringify(result);
}

/** One stretch of the model's speech. */
export interface Said {
  readonly id: string;
  readonly text: string;
  /** Sound of it that was sent, ms. */
  soundMs: number;
  /** How much the client says was heard, ms; null as long as it says nothing. */
  heardMs: number | null;
  /** All of it was sent. */
  isWhole: boolean;
}

/** The words of a text with the time at which each begins and ends in its sound, ms. */
export function timed(
  text: string,
): readonly { readonly word: string; readonly from: number; readonly to: number }[] {
  let at = 0;
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const from = at;
      at += lengthMs(word);
      return { word, from, to: at };
    });
}

/** The words the model believes were heard: whole ones, of what it sent and nobody took back. */
export function believed({ text, soundMs, heardMs }: Said): string {
  const endMs = Math.min(soundMs, heardMs ?? soundMs);
  return timed(text)
    .filter(({ to }) => to <= endMs)
    .map(({ word }) => word)
    .join(' ');
}
