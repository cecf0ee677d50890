// Replies: whatever an agent writes is said, in whole or as it comes, and never becomes an order to the carrier.
import { SaxesParser } from 'saxes';
import type { Instruction } from '../../../src/call/instruction.ts';
import { legalText } from '../../../src/carrier/xml.ts';
import { Sentences } from '../../../src/conversation/sentences.ts';
import { SpokenStream } from '../../../src/conversation/spoken-stream.ts';
import { spokenText } from '../../../src/conversation/spoken-text.ts';
import type { Random } from '../../random.ts';
import { anyText, mutated } from '../mutate.ts';
import {
  forbid,
  type Input,
  number,
  type Outcome,
  type Subject,
  type Target,
  text,
  texts,
} from '../target.ts';
import { plivoSigned, type Signed, telnyxSigned, twilioSigned } from './genuine.ts';

const PHRASES = [
  ...[
    'It is noon. ',
    'The answer is 42, as Dr. Smith said. ',
    'z.B. am 3. Oktober ',
    'Ja! ',
    'No. 5 is "alive" ',
    '今日は晴れです。',
  ],
  ...[
    '{"spoken":"',
    '"}',
    '"spoken": "',
    '\\"',
    '\\u00e9',
    '\\ud83d',
    '\\n',
    '```json\n',
    '```',
    '<think>',
    '</think>',
    '<reasoning>',
  ],
  ...[
    '**bold** ',
    '*',
    '_',
    '`code` ',
    '[link](https://a.b/c) ',
    '[[tts:x]]',
    'MEDIA:/a.png\n',
    '\n- one\n- two\n',
    '| a | b |\n',
    '# H\n',
  ],
  ...[
    'https://example.com/a?b=c. ',
    '😀',
    '👩‍👩‍👧',
    '1️⃣',
    'NO_REPLY',
    'The user wants ',
    'I should ',
    'Plan: ',
    '\n\n',
    ' ',
    '. ',
    '... ',
    '?! ',
  ],
  ...[
    '<Hangup/>',
    '</Say><Dial>+1</Dial>',
    '<break time="99s"/>',
    '<speak>',
    ']]>',
    '&amp;',
    '<!--',
    '\0',
    '\u001b[31m',
    'e\u0301',
    '\ud800',
  ],
];

export const replyTargets: readonly Target[] = [
  {
    name: 'agent replies: what is said of them',
    family: 'agent replies',
    share: 90_000,
    promise:
      'What is to be said is one line without marks of control; an answer that comes in any pieces is said word for word like the whole one, nothing twice and nothing of it lost, where it keeps to what we ask of agents.',
    open: () => ({ make: (random) => ({ reply: reply(random), cuts: cuts(random) }), check: said }),
  },
  {
    name: 'agent replies: sentences',
    family: 'agent replies',
    share: 60_000,
    promise:
      'A text cut into sentences is the same text, in the same pieces however it came, none of them empty or longer than 200 letters.',
    open: () => ({ make: (random) => ({ reply: reply(random), cuts: cuts(random) }), check: sentences }),
  },
  ...[twilioSigned, plivoSigned, telnyxSigned].map(
    (signed): Target => ({
      name: `agent replies: what ${signed().name} is told`,
      family: 'agent replies',
      share: 40_000,
      promise:
        'Whatever is said, the document is well-formed XML with the elements and attributes it has for plain words, and the words it says are the words; a command is JSON with the fields it has for plain words.',
      open: () => told(signed()),
    }),
  ),
];

function reply(random: Random): string {
  const written = random.pick([
    () => random.list(12, () => random.pick(PHRASES)).join(''),
    () => JSON.stringify({ spoken: random.list(10, () => random.pick(PHRASES)).join('') }),
    () =>
      `${random.pick(PHRASES)}{"spoken":${JSON.stringify(random.list(6, () => random.pick(PHRASES)).join(''))}}${random.pick(PHRASES)}`,
    () => anyText(random, 200),
    () => random.pick(PHRASES).repeat(random.between(1, 30)),
  ])();
  if (random.once(1_000)) return (random.pick(PHRASES) + random.pick(PHRASES)).repeat(4_000).slice(0, 30_000);
  return random.once(3) ? mutated(random, written) : written;
}

function cuts(random: Random): string[] {
  return random.list(8, () => String(random.between(1, random.pick([2, 8, 40]))));
}

/** All texts a message has while it comes in pieces of these sizes. */
function* growing(whole: string, sizes: readonly string[]): Generator<string> {
  for (let end = 0, nth = 0; end < whole.length; nth += 1) {
    end += Number(sizes[nth % Math.max(1, sizes.length)] ?? '') || 200;
    yield whole.slice(0, end);
  }
}

// What is said

function said(input: Input): Outcome {
  const reply = text(input, 'reply');
  const answer = { payloads: [{ text: reply, isError: false, isReasoning: false }] };
  const whole = spokenText(answer);
  forbid(/[\p{Cc}\n]/u.test(whole) || whole !== whole.trim(), 'what is said is not one clean line', () =>
    JSON.stringify(whole),
  );
  const early = streamed(reply, texts(input, 'cuts'), answer);
  const isByContract = isContract(reply);
  // Beyond the contract an answer is taken as it seems to be meant, which only its end may show.
  if (isByContract)
    forbid(
      lettersOf(early) !== lettersOf(whole),
      'an answer in pieces is said otherwise than in one',
      () => `${JSON.stringify(early)} instead of ${JSON.stringify(whole)}`,
    );
  const kind = whole === '' ? 'nothing to say' : 'said';
  return { kind: isByContract ? `${kind}, by the contract` : kind, answer: [whole, early] };
}

function streamed(reply: string, sizes: readonly string[], answer: Parameters<typeof spokenText>[0]): string {
  const stream = new SpokenStream();
  let early = '';
  // A long answer in small pieces takes its square of time, whoever reads it: pieces grow with it.
  const few = reply.length > 4_000 ? ['1000'] : sizes;
  for (const so of growing(reply, few)) early += stream.push(so);
  return `${early} ${stream.finish(answer)}`;
}

/** `{"spoken": "..."}` and nothing else, short enough to be read to its end. */
function isContract(reply: string): boolean {
  if (reply.length > 10_000 || !reply.startsWith('{"spoken":"')) return false;
  try {
    const value: unknown = JSON.parse(reply);
    return typeof value === 'object' && value !== null && Object.keys(value).join() === 'spoken';
  } catch {
    return false;
  }
}

/** Marks without a partner may be left at one time and not at another; nobody hears them. */
function lettersOf(words: string): string {
  return words.replace(/[^\p{L}\p{N}]/gu, '');
}

function bare(words: string): string {
  return words.replace(/\s/g, '');
}

// Sentences

function sentences(input: Input): Outcome {
  const whole = text(input, 'reply');
  const pieces = cutWhole(whole);
  for (const piece of pieces)
    forbid(piece.trim() === '' || piece.length > 200, 'a piece is empty or too long', () =>
      JSON.stringify(piece),
    );
  forbid(bare(pieces.join('')) !== bare(whole), 'sentences say otherwise than the text', () =>
    JSON.stringify(pieces),
  );
  const splitter = new Sentences();
  const inParts: string[] = [];
  let before = 0;
  for (const so of growing(whole, texts(input, 'cuts'))) {
    inParts.push(...splitter.push(so.slice(before)));
    before = so.length;
  }
  inParts.push(...splitter.flush());
  forbid(
    JSON.stringify(inParts) !== JSON.stringify(pieces),
    'a text in parts gives other sentences',
    () => `${JSON.stringify(inParts)} instead of ${JSON.stringify(pieces)}`,
  );
  return { kind: pieces.length > 1 ? 'sentences' : 'one piece', answer: pieces };
}

function cutWhole(whole: string): readonly string[] {
  const splitter = new Sentences();
  return [...splitter.push(whole), ...splitter.flush()];
}

// What the carrier is told

const PLAIN = 'plain words';

function told({ carrier, call, name }: Signed): Subject {
  const order = (words: string, turn: number): Instruction => ({
    kind: 'say',
    utterance: { id: 'u1', text: words, digits: null, requestId: null },
    turn: turn === 0 ? null : turn,
  });
  return {
    make: (random) => ({ reply: reply(random), turn: random.below(2) }),
    check(input): Outcome {
      const words = text(input, 'reply');
      const turn = number(input, 'turn');
      if (name === 'telnyx') {
        const requests = carrier.asRequests(call, order(words, turn));
        const usual = new Set(carrier.asRequests(call, order(PLAIN, turn)).map(commandShape));
        for (const request of requests)
          forbid(!usual.has(commandShape(request)), 'words change a command', () => commandShape(request));
        return { kind: 'a command', answer: requests };
      }
      const document = carrier.asReply(call, order(words, turn)).body;
      const { tags, spoken } = read(document);
      const usual = new Set(read(carrier.asReply(call, order(PLAIN, turn)).body).tags);
      for (const tag of tags)
        forbid(!usual.has(tag), 'words change a document', () => `${tag} in ${document.slice(0, 400)}`);
      forbid(!isSaid(words, spoken), 'other words are said than were given', () =>
        JSON.stringify([spoken, words]).slice(0, 600),
      );
      return { kind: spoken.trim() === '' ? 'a document without words' : 'a document', answer: document };
    },
  };
}

/** Method, address and the fields with the types of their values. */
function commandShape({
  method,
  url,
  body,
}: {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
}): string {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([key, inner]) => [key, shape(inner)]),
        )
      : typeof value;
  return `${method} ${url} ${JSON.stringify(shape(JSON.parse(body ?? '{}')))}`;
}

function read(document: string): { readonly tags: readonly string[]; readonly spoken: string } {
  const tags: string[] = [];
  let spoken = '';
  const parser = new SaxesParser();
  parser.on('error', (error) =>
    forbid(true, 'a document is not well-formed', () => `${error.message}: ${document.slice(0, 300)}`),
  );
  parser.on('opentag', (tag) => tags.push(`${tag.name} ${JSON.stringify(tag.attributes)}`));
  parser.on('text', (part) => {
    if (/^(?:Say|Speak) /.test(tags.at(-1) ?? '')) spoken += part;
  });
  parser.on('comment', () => forbid(true, 'a document has a comment'));
  parser.write(document).close();
  return { tags, spoken };
}

/** Only what XML cannot carry may be missing, and white space. */
function isSaid(words: string, spoken: string): boolean {
  return bare(legalText(words)) === bare(spoken);
}
