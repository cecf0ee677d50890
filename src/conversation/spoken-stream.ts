// SpokenStream: spoken-text.ts for an answer that is still being written: what of it can be said already.
import type { AgentAnswer } from './ports.ts';
import { letterAfter, settledLength } from './settled.ts';
import {
  isPlanning,
  MAX_CHARS,
  SPOKEN_KEY,
  sayable,
  spokenText,
  unescaped,
  withoutThoughts,
} from './spoken-text.ts';
import { afterSame, unsaid } from './unsaid.ts';

/** An answer without the contract is said when so much of it came: the contract may follow a short lead-in. */
const LEAD_IN_CHARS = 60;
/** What can be said of a message, in the words of the model. */
interface Words {
  readonly text: string;
  /** Nothing more of it is said: the string of the contract is closed. */
  readonly isWhole: boolean;
}

const NONE: Words = { text: '', isWhole: false };

/** One run of the agent. What it gave was said: it is never taken back. */
export class SpokenStream {
  /** Said of the messages before the present one, then of the present one. */
  readonly #said: string[] = [];
  #message = '';
  #of = '';
  #isWhole = false;
  #next = '';

  /** `text` is all of the message so far; gives what can be said now and was not given before, or ''. */
  push(text: string): string {
    const isNew = !text.startsWith(this.#message);
    const rest = isNew ? this.#close() : '';
    this.#message = text;
    const words = wordsOf(text, LEAD_IN_CHARS);
    this.#isWhole = words.isWhole;
    const more = this.#take(words);
    // A message of its own is no continuation of the last one's sentence.
    return isNew ? `${rest}\n${more}` : more;
  }

  /** The agent pauses: a short whole sentence, such as "Let me check.", needs no more of it. */
  pause(): string {
    const words = wordsOf(this.#message, 0);
    return /[.!?…。！？][\s"'”’)]*$/.test(words.text) ? this.#take({ ...words, isWhole: true }) : '';
  }

  /** What follows all that was given, as far as its first letter; '' when that is not known. */
  get next(): string {
    return this.#next;
  }

  /** The present message was said to its end, whatever still comes of it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** What of the whole answer has not been said yet. */
  finish(answer: AgentAnswer): string {
    const said = this.#of === '' ? this.#said : [...this.#said, this.#of];
    return unsaid(spokenText(answer), said);
  }

  /** The present message is over: what was begun of it is said to its end. */
  #close(): string {
    const isBegun = this.#of !== '';
    const rest = isBegun ? this.#take({ ...wordsOf(this.#message, 0), isWhole: true }) : '';
    if (isBegun) this.#said.push(this.#of);
    this.#message = '';
    this.#of = '';
    return rest;
  }

  #take({ text, isWhole }: Words): string {
    const length = isWhole ? text.length : settledLength(text);
    const settled = text.slice(0, length);
    this.#next = letterAfter(text, length);
    const words = sayable(settled);
    const more = afterSame(words, this.#of);
    if (more === null || more === '') return '';
    this.#of = words;
    return more;
  }
}

/** As `wordsOf` of spoken-text.ts finds them, as far as nothing that follows can change them. */
function wordsOf(message: string, leadInChars: number): Words {
  const seen = withoutThoughts(message.slice(0, MAX_CHARS)).trimStart();
  return contracted(seen) ?? plain(seen, leadInChars);
}

/** The first string of the contract; what may follow it is found when the answer is complete. */
function contracted(seen: string): Words | null {
  const found = seen.matchAll(SPOKEN_KEY).next().value;
  if (!found) return null;
  const raw = found[1] ?? '';
  const isWhole = seen[found.index + found[0].length] === '"';
  return { text: unescaped(isWhole ? raw : withoutOpenEscape(raw)), isWhole };
}

/** Half an escape, or half of a letter that is written with two, is not there yet. */
function withoutOpenEscape(raw: string): string {
  const whole = raw.replace(/(?<=(?:^|[^\\])(?:\\\\)*)\\(?:u[0-9a-f]{0,3})?$/i, '');
  return whole.replace(/(?:(?<=(?:^|[^\\])(?:\\\\)*)\\ud[89ab][0-9a-f]{2}|[\ud800-\udbff])$/i, '');
}

/** No contract yet. It is said only when it is neither the lead-in of one, nor code, nor thinking aloud. */
function plain(seen: string, leadInChars: number): Words {
  const text = answering(withoutCode(seen)) ?? '';
  const brace = text.indexOf('{');
  const open = brace === -1 ? text : text.slice(0, brace);
  const isAnnouncing = brace !== -1 || /:\s*$/.test(open);
  const isLeadIn = open.length < (isAnnouncing ? LEAD_IN_CHARS : leadInChars);
  return isLeadIn ? NONE : { text: open, isWhole: false };
}

/** Closed code is taken out; open code hides what follows it. */
function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?(?:```|$)/g, '').replace(/`{1,2}$/, '');
}

/** From the first paragraph that is no planning; null while that is not certain. */
function answering(text: string): string | null {
  const paragraphs = text.trimStart().split(/(?<=\S)(?=\n\s*\n)/);
  const first = paragraphs.findIndex((paragraph) => !isPlanning(paragraph.trim()));
  if (first === -1) return null;
  const rest = paragraphs.slice(first).join('').trimStart();
  const isOpen = first === paragraphs.length - 1;
  return isOpen && mayBePlanning(rest) ? null : rest;
}

/** The paragraph that is being written may yet turn out to be one in which a model thinks aloud. */
function mayBePlanning(paragraph: string): boolean {
  const start = paragraph.replace(/^\W+/, '').toLowerCase();
  if (/^the (?:user|caller)\b/i.test(paragraph)) return true;
  const leads = ['thinking process', 'thinking', 'reasoning', 'analysis', 'plan', 'the user', 'the caller'];
  return start === '' || leads.some((lead) => lead.startsWith(start) || /^\W*$/.test(after(start, lead)));
}

function after(text: string, lead: string): string {
  return text.startsWith(lead) ? text.slice(lead.length) : 'no';
}
