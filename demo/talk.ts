// Talk: what the demo model says. Rules over the caller's words so far; no intelligence, but a memory.

/** What the callee of the demo call says, one line per turn. Each turn needs the memory of the ones before. */
export const demoLines: readonly string[] = [
  'Oh, hello! My name is Ada. How late is the bakery on Mill Lane open today?',
  'Lovely. Please remind me to buy two loaves of rye there.',
  'Thanks! One more thing: who am I, and what did I ask you first?',
];

/** What the agent opens the demo call with. */
export const demoGreeting = 'Hi, this is your OpenClaw agent, on the telephone. What can I do for you?';

interface Memory {
  /** Everything the caller said, oldest first; never empty. */
  readonly said: readonly string[];
  readonly latest: string;
  readonly name: string | null;
  readonly place: string;
  readonly errand: string | null;
  readonly now: Date;
}

interface Rule {
  readonly hears: RegExp;
  readonly says: (memory: Memory) => string;
}

/** The answer to the last of `said`. `now` is only for who asks the time. */
export function replyTo(said: readonly string[], now: Date): string {
  const memory = remember(said, now);
  const rule = rules.find(({ hears }) => hears.test(memory.latest));
  return rule ? rule.says(memory) : fallback(memory);
}

/** First match wins: what asks for the memory comes before what fills it. */
const rules: readonly Rule[] = [
  { hears: /what did i (ask|say)|what was my (first )?question/i, says: recall },
  {
    hears: /who am i|(what is|what's|remember|know) my name/i,
    says: ({ name }) => (name ? `You are ${name}.` : 'You have not told me your name yet.'),
  },
  {
    hears: /what (did|should|do) i .*(buy|do|remember)|my (list|errand|reminder)/i,
    says: ({ errand }) => (errand ? `You wanted me to remind you to ${errand}.` : 'Nothing is noted so far.'),
  },
  { hears: /\bremind me to\b|\bremember to\b|\bnote\b/i, says: note },
  {
    hears: /\b(open|opening|close|closes|closing|hours)\b/i,
    says: (memory) =>
      `${greeting(memory)}${capital(memory.place)} is open until six this evening, so there is time.`,
  },
  {
    hears: /what time is it|what is the time|what's the time/i,
    says: ({ now }) => `It is ${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')}.`,
  },
  {
    hears: /who are you|are you (a |an )?(person|human|robot|machine|real)/i,
    says: () => 'I am a small demonstration model on your own machine. A real model would take my place.',
  },
  { hears: /\b(bye|goodbye)\b/i, says: (memory) => `You are welcome${comma(memory)}. Goodbye!` },
  { hears: /\b(thanks|thank you)\b/i, says: (memory) => `You are welcome${comma(memory)}.` },
  { hears: /\b(hello|hi|hey)\b/i, says: (memory) => `${greeting(memory)}What can I do for you?` },
];

function remember(said: readonly string[], now: Date): Memory {
  const find = (pattern: RegExp): string | null =>
    said.map((text) => pattern.exec(text)?.[1]).findLast((found) => found !== undefined) ?? null;
  return {
    said,
    latest: said.at(-1) ?? '',
    name: find(/\b(?:my name is|this is|i am|i'm) (?!a\b|the\b)([A-Z][a-z]+)/i),
    place:
      find(
        /\b(the (?:bakery|shop|store|library|pharmacy|museum|café|restaurant)(?: on [A-Z]\w+ [A-Z]\w+)?)/i,
      ) ?? 'it',
    errand: find(/\b(?:remind me to|remember to|note that) ([^.!?]+)/i),
    now,
  };
}

function recall(memory: Memory): string {
  const { said, name, errand } = memory;
  const first = said
    .slice(0, -1)
    .map(questionIn)
    .find((question) => question !== null);
  const parts = [
    name && /who am i|my name/i.test(memory.latest) ? `You are ${name}.` : '',
    first ? `First you asked: ${first}` : 'You have not asked me anything before.',
    errand ? `And I am to remind you to ${settled(errand, memory.place)}.` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function note(memory: Memory): string {
  const { errand, place } = memory;
  return errand ? `Noted${comma(memory)}: ${settled(errand, place)}.` : 'What shall I remind you of?';
}

/** "there" is the place that was talked about. */
function settled(errand: string, place: string): string {
  return place === 'it' ? errand.trim() : errand.trim().replace(/\bthere\b/, `at ${place}`);
}

function questionIn(text: string): string | null {
  return /[^.!?]+\?/.exec(text)?.[0].trim() ?? null;
}

function fallback({ latest }: Memory): string {
  return `I heard you say: ${latest.replace(/[.!?\s]+$/, '')}. I am only the demonstration model, so I leave it there.`;
}

function greeting(memory: Memory): string {
  return memory.said.length === 1 ? `Hello${memory.name ? ` ${memory.name}` : ''}. ` : '';
}

function comma({ name }: Memory): string {
  return name ? `, ${name}` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
