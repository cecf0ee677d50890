// Owed: when a person waits for us, and for how long they heard nothing meanwhile. Pure.
//
// Something is owed from the moment a call is answered until our greeting was heard to its end, and from the last
// sound of the person's words until our answer was heard to its end. Whatever sounds breaks the silence, a filler
// too; but a filler leaves owed what was owed. While the person speaks nobody is waiting.
import type { Story, Strike } from './story.ts';

export interface Silence {
  readonly from: number;
  readonly to: number;
  /** What was heard last. */
  readonly after: 'the answer' | 'their words' | 'our voice';
}

interface Moment {
  readonly at: number;
  readonly begins: boolean;
  readonly after: Silence['after'];
  /** What is owed from here on; null: as before. */
  readonly owes: boolean | null;
}

/** Every stretch in which a person was owed something and heard nothing. */
export function silencesOf(story: Story): readonly Silence[] {
  const silences: Silence[] = [];
  let quietSince: number | null = null;
  let isOwed = false;
  let sounding = 0;
  let after: Silence['after'] = 'the answer';
  for (const moment of momentsOf(story)) {
    if (isOwed && sounding === 0 && quietSince !== null && moment.at > quietSince)
      silences.push({ from: quietSince, to: moment.at, after });
    if (moment.after !== 'the answer') sounding += moment.begins ? 1 : -1;
    isOwed = moment.owes ?? isOwed;
    quietSince = sounding === 0 ? moment.at : null;
    after = moment.after;
  }
  return silences;
}

function momentsOf({ answeredAt, endedAt, endAskedAt, sounds, words }: Story): readonly Moment[] {
  if (answeredAt === null) return [];
  const ours = sounds.flatMap(({ from, to, isLast }): Moment[] => [
    { at: from, begins: true, after: 'our voice', owes: null },
    { at: to, begins: false, after: 'our voice', owes: isLast ? false : null },
  ]);
  const theirs = words.flatMap(({ from, to }): Moment[] => [
    { at: from, begins: true, after: 'their words', owes: null },
    { at: to, begins: false, after: 'their words', owes: true },
  ]);
  // Whoever is to be hung up on is owed nothing any more.
  const untilAt = Math.min(endedAt, endAskedAt ?? endedAt);
  const whole: readonly Moment[] = [
    { at: answeredAt, begins: true, after: 'the answer', owes: true },
    ...[...ours, ...theirs].sort((a, b) => a.at - b.at),
    { at: untilAt, begins: false, after: 'the answer', owes: null },
  ];
  return whole.filter(({ at }) => at <= untilAt);
}

/** Ms from the last sound of each of the person's words to our first. */
export function answersOf({ words, sounds, endedAt }: Story): readonly number[] {
  return words.flatMap(({ to }, index) => {
    const next = words[index + 1]?.from ?? endedAt;
    const sound = sounds.find(({ from }) => from >= to && from < next);
    return sound ? [sound.from - to] : [];
  });
}

/** What is left of a silence where no injected fault excuses it: the longest piece, ms. */
export function unexcusedMs({ from, to }: Silence, excuses: readonly Pick<Strike, 'from' | 'to'>[]): number {
  let longest = 0;
  let since = from;
  for (const excuse of excuses.toSorted((a, b) => a.from - b.from)) {
    if (excuse.to <= since) continue;
    if (excuse.from >= to) break;
    longest = Math.max(longest, excuse.from - since);
    since = Math.max(since, excuse.to);
  }
  return Math.max(longest, to - since);
}
