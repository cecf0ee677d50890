// Phrases: the few sentences we say ourselves, when nobody else has anything to say.

export interface Phrases {
  readonly stillThere: string;
  readonly goodbyeSilent: string;
  readonly oneMoment: string;
  readonly stillWorking: string;
  readonly apology: string;
  readonly timeIsUp: string;
}

const english: Phrases = {
  stillThere: 'Are you still there?',
  goodbyeSilent: 'I cannot hear you, so I will hang up now. Goodbye.',
  oneMoment: 'One moment, please.',
  stillWorking: 'I am still working on that.',
  apology: 'Sorry, I could not get an answer just now. Could you say that again?',
  timeIsUp: 'I am sorry, our time is up. Goodbye.',
};

const byLanguage: Readonly<Record<string, Phrases>> = { en: english };

/** The sentences for a BCP 47 language; English where we have none of our own. */
export function phrasesFor(language: string): Phrases {
  return byLanguage[language.slice(0, 2).toLowerCase()] ?? english;
}
