// Sentences: cuts text that is still being written into pieces a voice can say one after the other. Pure.

/** A piece never gets longer: the voice must begin, and stop, somewhere. */
const MAX_CHARS = 200;
/** How far beyond a piece we look to be sure of its end; the same text gives the same pieces however it arrives. */
const LOOK_AHEAD = 40;
/** Shorter sentences are said together with the next one: a voice stumbles over single words. */
const MIN_CHARS = 20;
/** The first piece may be this short: nothing is heard before it. */
const MIN_FIRST_CHARS = 8;
/** The first piece may end at a comma when it has as many words, or letters. */
const CLAUSE = { words: 4, chars: 25 };

const CLOSERS = '["\'”’»›)\\]」』】）]*';
const SENTENCE_END = new RegExp(`([.!?…؟।۔]+)(${CLOSERS})(?=\\s)|([。！？｡]+)(${CLOSERS})|\\n`, 'gu');
const CLAUSE_END = new RegExp(`[,;:،–—]${CLOSERS}(?=\\s)|\\s-(?=\\s)|[，、；：]`, 'gu');
const WIDE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/gu;

/** Never the end of a sentence, whatever follows; without their last dot, lower case. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  (
    'dr mr mrs ms mx prof st sr jr vs approx dept est ave blvd rd gen col sgt capt lt rev hon ' +
    'bzw ca hr fr str tel evtl ggf inkl zzgl dipl ing mme mlle sra srta dña ud uds sig dott dhr mevr bijv'
  ).split(' '),
);
/** Abbreviations before a number only: `No. 5`, but `The answer is no.` */
const BEFORE_NUMBER = /^(?:no|nr|núm|num|fig|vol|pp?|abs|art|ch|kap)$/i;
/** `U.S.`, `e.g.`, `z.B.`, and single letters as of names; but `I`, and the hours of a day, may end a sentence. */
const LETTERS = /^(?!(?:[ap]\.m|I)$)\p{L}(?:\.\p{L})*$/u;
/** Before `3. Oktober`: an ordinal number, written with a dot. */
const BEFORE_ORDINAL = /(?:^|\s)(?:am|der|die|das|den|dem|des|vom|zum|im|bis|und|seit|ab)\s+$/iu;

/** One stretch of speech. `push` gives what can be said now; `flush` gives the rest. */
export class Sentences {
  #text = '';
  #isFirst: boolean;

  /** `early` false: something is said before it, so that its first piece is a whole sentence too. */
  constructor({ early = true }: { readonly early?: boolean } = {}) {
    this.#isFirst = early;
  }

  /** `next`: the letter that follows `text` for certain, and comes again with a later push; '' when it is not known. */
  push(text: string, next = ''): readonly string[] {
    this.#text += text;
    return this.#cut(false, next);
  }

  /** Everything that was pushed is complete: the rest is said, and a new sentence begins. */
  flush(): readonly string[] {
    return this.#cut(true, '');
  }

  /** What is held back looks like a whole sentence; only what follows it is not known. */
  get isAtEnd(): boolean {
    return /[.!?…؟।۔。！？｡]["'”’»›)\]」』】）]*\s*$/u.test(this.#text);
  }

  #cut(isEnd: boolean, next: string): readonly string[] {
    const pieces: string[] = [];
    for (;;) {
      this.#text = this.#text.trimStart();
      const length =
        this.#text === '' ? null : endOfPiece(this.#text, { isFirst: this.#isFirst, isEnd, next });
      if (length === null) return pieces;
      pieces.push(this.#text.slice(0, length).trimEnd());
      this.#text = this.#text.slice(length);
      this.#isFirst = false;
    }
  }
}

interface Seen {
  readonly isFirst: boolean;
  readonly isEnd: boolean;
  readonly next: string;
}

/** Where the first piece of `text` ends, or null while that is not certain. */
function endOfPiece(text: string, { isFirst, isEnd, next }: Seen): number | null {
  const window = (text + next).slice(0, MAX_CHARS + LOOK_AHEAD);
  const natural = firstEnd(window, isFirst);
  if (natural !== null) return natural;
  if (text.length <= MAX_CHARS) return isEnd ? text.length : null;
  return isEnd || text.length >= MAX_CHARS + LOOK_AHEAD ? forcedEnd(window) : null;
}

function firstEnd(window: string, isFirst: boolean): number | null {
  const ends = [...endsOf(window, SENTENCE_END, (match) => isSentenceEnd(window, match))].filter(
    (end) => weight(window.slice(0, end)) >= (isFirst ? MIN_FIRST_CHARS : MIN_CHARS),
  );
  const clauses = isFirst ? [...endsOf(window, CLAUSE_END, () => true)].filter(isClause(window)) : [];
  const first = Math.min(...ends, ...clauses);
  return first <= MAX_CHARS ? first : null;
}

/** Ends after which something else was seen: only then it is certain that they are ends. */
function* endsOf(
  window: string,
  pattern: RegExp,
  isEnd: (match: RegExpExecArray) => boolean,
): Generator<number> {
  for (const match of window.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (/\S/.test(window.slice(end)) && isEnd(match)) yield end;
  }
}

function isSentenceEnd(window: string, match: RegExpExecArray): boolean {
  const [, latin, closers = ''] = match;
  // A full stop of its own width, or a line that ends.
  if (latin === undefined) return true;
  const next = window.slice(match.index + match[0].length).trimStart();
  const goesOn = /^\p{Ll}/u.test(next);
  if (!/^\.+$|…/.test(latin)) return !(goesOn && closers !== '');
  if (goesOn) return false;
  return latin !== '.' || closers !== '' || !isAbbreviated(window.slice(0, match.index), next);
}

/** Whether the dot between `before` and `next` belongs to the word before it. */
function isAbbreviated(before: string, next: string): boolean {
  const word = /[^\s("'“„«[]*$/u.exec(before)?.[0] ?? '';
  if (/^\d{1,2}$/.test(word)) {
    const lead = before.slice(0, -word.length);
    return /(?:^|[.!?:;\n]\s*)$/.test(lead) || BEFORE_ORDINAL.test(lead);
  }
  if (BEFORE_NUMBER.test(word)) return /^\d/.test(next);
  return LETTERS.test(word) || ABBREVIATIONS.has(word.toLowerCase());
}

function isClause(window: string): (end: number) => boolean {
  return (end) => {
    const clause = window.slice(0, end).trim();
    return clause.split(/\s+/).length >= CLAUSE.words || weight(clause) >= CLAUSE.chars;
  };
}

/** Letters, as long as they take to say: one of Chinese or Japanese says as much as three of ours. */
function weight(text: string): number {
  return text.length + 2 * (text.match(WIDE)?.length ?? 0);
}

/** A sentence without an end: at a comma of its second half, else between words, else anywhere. */
function forcedEnd(window: string): number {
  const clause = [...endsOf(window, CLAUSE_END, () => true)].filter((end) => end <= MAX_CHARS).at(-1) ?? 0;
  if (clause >= MAX_CHARS / 2) return clause;
  const blank = /\s\S*$/.exec(window.slice(0, MAX_CHARS + 1))?.index ?? 0;
  if (blank > 0) return blank;
  const code = window.charCodeAt(MAX_CHARS - 1);
  return code >= 0xd800 && code < 0xdc00 ? MAX_CHARS - 1 : MAX_CHARS;
}
