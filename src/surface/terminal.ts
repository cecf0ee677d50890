// Terminal: the person at the keyboard: a question, an answer, and nothing shown of what is secret.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { VoiceCallError } from '../lib/errors.ts';

/** Asks and waits for a line. Throws VC_SETUP_STOPPED when there will be none any more. */
export type Ask = (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;

interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Null when nobody sits there: questions would be asked into a pipe. */
export function terminalAsk({ input, output }: Streams): Ask | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return (question, { hidden = false } = {}) => askOnce({ input, output }, question, hidden);
}

/** Is `answer` to a question of yes or no a yes? `byDefault`: what an empty line says. */
export function isYes(answer: string, byDefault: boolean): boolean {
  return answer === '' ? byDefault : /^y(es)?$/i.test(answer);
}

/** A reader of its own for each question, so that nothing holds the keyboard in between. */
function askOnce({ input, output }: Streams, question: string, hidden: boolean): Promise<string> {
  output.write(question);
  const echo = new Writable({
    write(text, _encoding, done) {
      if (!hidden) output.write(text);
      done();
    },
  });
  const lines = createInterface({ input, output: echo, terminal: true });
  return new Promise<string>((resolve, reject) => {
    lines.once('line', (line) => resolve(line.trim()));
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(stopped('you stopped it')));
  }).finally(() => {
    lines.close();
    if (hidden) output.write('\n');
  });
}

/**
 * What a terminal shows as letters: what callers, carriers and old files say may hold control characters, with which a
 * terminal can be told anything. In JSON they read the same as before.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function stopped(
  why: string,
  cure = 'Start again with "voicecall setup" when you like.',
): VoiceCallError {
  return new VoiceCallError('VC_SETUP_STOPPED', { why, cure });
}
