// OneLine: an error as people read it: what went wrong, then what to do about it. Never a stack trace.
import type { VoiceCallError } from '../lib/errors.ts';

/** `<message>. <cure>` on one line; the message is kept letter for letter. */
export function oneLine({ message, cure }: VoiceCallError): string {
  const end = /[.!?]$/.test(message) ? '' : '.';
  return cure === '' ? message : `${message}${end} ${cure}`.replace(/\s*\n\s*/g, ' ');
}

/** What was wrong with the words of the command, as one line with where to look. */
export function mistaken(text: string): string {
  const said = text.trim().replace(/\s*\n\s*/g, ' ');
  return `${said}${/[.)]$/.test(said) ? '' : '.'} "voicecall --help" lists the commands; each has --help.\n`;
}
