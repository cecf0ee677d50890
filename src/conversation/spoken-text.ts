// SpokenText: what of an agent's answer is to be said aloud. Pure; copes with anything, never throws.
import type { AgentAnswer } from './ports.ts';

/** Nobody listens to more (about 20 minutes), and no answer may keep us busy looking for its end. */
export const MAX_CHARS = 20_000;

/** The words to say, on one line; empty when there is nothing to say. */
export function spokenText(answer: AgentAnswer): string {
  return answer.payloads
    .filter((payload) => !payload.isError && !payload.isReasoning)
    .map((payload) => sayable(wordsOf(payload.text.slice(0, MAX_CHARS))))
    .filter((words) => words !== '')
    .join(' ');
}

/** The contract in prompt.ts asks for `{"spoken": "..."}`; models wrap it, break it off, or forget it. */
function wordsOf(text: string): string {
  const seen = withoutThoughts(text).trim();
  return spokenOf(seen) ?? fenced(seen) ?? spokenOf(between(seen)) ?? inline(seen) ?? plain(seen);
}

/** Reasoning that a model writes into its answer is not part of it, also when it never ends. */
export function withoutThoughts(text: string): string {
  return text.replace(/<(think|thinking|reasoning)>[\s\S]*?(?:<\/\1>|$)/gi, '');
}

/** `spoken` of a JSON object, or null when the text is none. */
function spokenOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('spoken' in value)) return null;
    return typeof value.spoken === 'string' ? value.spoken : null;
  } catch {
    return null;
  }
}

function fenced(text: string): string | null {
  for (const [, body] of text.matchAll(/```[\w-]*\s*([\s\S]*?)```/g)) {
    const spoken = spokenOf(body ?? '');
    if (spoken !== null) return spoken;
  }
  return null;
}

function between(text: string): string {
  return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
}

/** How `"spoken": "..."` looks in what need not be JSON; the string may be broken off. */
export const SPOKEN_KEY = /"spoken"\s*:\s*"((?:[^"\\]|\\[\s\S])*)/g;

/** Every `"spoken": "..."` in what is not quite JSON; the last may have been broken off. */
function inline(text: string): string | null {
  const found = [...text.matchAll(SPOKEN_KEY)];
  return found.length === 0 ? null : found.map(([, raw]) => unescaped(raw ?? '')).join(' ');
}

/** What a JSON string says; copes with strings that are not quite JSON. */
export function unescaped(raw: string): string {
  const spoken = spokenOf(`{"spoken":"${raw.replace(/\p{Cc}/gu, ' ')}"}`);
  return (
    spoken ??
    raw
      .replace(/\\[nrt]/g, ' ')
      .replace(/\\u[0-9a-f]{0,4}/gi, '')
      .replace(/\\(.)/g, '$1')
  );
}

/** No contract at all: everything but code and the paragraphs a model thinks aloud in before it answers. */
function plain(text: string): string {
  const paragraphs = text
    .replace(/```[\s\S]*?(?:```|$)/g, '')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
  const first = paragraphs.findIndex((paragraph) => !isPlanning(paragraph));
  return paragraphs.slice(first === -1 ? -1 : first).join('\n');
}

export function isPlanning(paragraph: string): boolean {
  if (/^(?:\W*)(?:thinking process|thinking|reasoning|analysis|plan)\b\W*:/i.test(paragraph)) return true;
  return /^the (?:user|caller)\b/i.test(paragraph) && /\bI (?:should|need to|will|must)\b/i.test(paragraph);
}

/** A lone token by which an agent says that it has nothing to say. */
const NOTHING = /^(?:NO_REPLY|HEARTBEAT_OK)[.!]?$/;

/** What a voice would stumble over, taken out; the order matters: links before the marks they are made of. */
const UNSAYABLE: readonly (readonly [RegExp, string])[] = [
  // Directives of the host: [[tts:...]], [[reply_to_current]], MEDIA:path.
  [/\[\[[^\]]*\]\]/g, ' '],
  [/^[ \t]*MEDIA:.*$/gm, ' '],
  [/!?\[([^\]]*)\]\([^)\s]*(?:\s+"[^"]*")?\)/g, '$1'],
  // Nobody can note down an address by ear; where it is may still matter.
  [/\bhttps?:\/\/(?:www\.)?([a-z0-9.-]*[a-z0-9])[^\s<>"')\]]*?(?=[.,;:!?]*(?:[\s<>"')\]]|$))/gi, '$1'],
  [/<\/?[a-z][^<>]*>/gi, ' '],
  // Rules, table rules, then the marks at the start of a line.
  [/^[ \t]*(?:[-*_][ \t]*){3,}$/gm, ' '],
  [/^[ \t|:-]*--[ \t|:-]*$/gm, ' '],
  [/^[ \t]*(?:#{1,6}|>|[-*+•])[ \t]+/gm, ''],
  [/[ \t]*\|[ \t]*/g, ' '],
  // Emphasis and code; a lone star between words may be a sum.
  [/(\*\*|__|~~|`+)(?=\S)([\s\S]*?\S)\1/g, '$2'],
  [/(^|[\s("'])([*_])(?=\S)([^*_]*\S)\2(?=\W|$)/gm, '$1$3'],
  [/[0-9#*]\u{FE0F}?\u{20E3}/gu, ' '],
  [/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u{FE0F}|\u{200D}/gu, ' '],
  [/[\s\p{Cc}]+/gu, ' '],
  [/ +([,;:!?]|\.(?!\d))/g, '$1'],
];

/** Words without what a voice would stumble over, on one line. */
export function sayable(text: string): string {
  if (NOTHING.test(text.trim())) return '';
  return UNSAYABLE.reduce((clean, [mark, instead]) => clean.replace(mark, instead), text).trim();
}
