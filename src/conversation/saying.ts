// Saying: one utterance on its way to the line: its pieces, how far each is made, and how long it will sound.
import type { Sound } from '../media/lines.ts';
import { guessedMs, type SpokenPiece } from './heard.ts';
import { Sentences } from './sentences.ts';

export interface Piece {
  readonly saying: Saying;
  readonly text: string;
  /** What is made of it sounds so long; null when only the line knows. */
  ms: number | null;
  state: 'waiting' | 'making' | 'made' | 'failed';
  /** Made before its turn: an earlier piece is not complete yet. */
  readonly early: Sound[];
}

export interface Saying {
  readonly id: string;
  /** Aborted when it is not wanted any more. */
  readonly abort: AbortController;
  readonly pieces: readonly Piece[];
  /** When the line began to play it; null while it waits. */
  beganAt: number | null;
  hasSound: boolean;
}

/** `text` null: there is nothing to make, the line has it all. `early`: nothing is said before it. */
export function newSaying(id: string, text: string | null, early: boolean): Saying {
  const pieces: Piece[] = [];
  const saying = { id, abort: new AbortController(), pieces, beganAt: null, hasSound: false };
  for (const piece of text === null ? [] : piecesOf(text, early)) {
    pieces.push({ saying, text: piece, ms: 0, state: 'waiting', early: [] });
  }
  return saying;
}

export function piecesOf(text: string, early: boolean): readonly string[] {
  const sentences = new Sentences({ early });
  return [...sentences.push(text), ...sentences.flush()];
}

export function spokenPieces({ pieces }: Saying): readonly SpokenPiece[] {
  return pieces.map(({ text, ms, state }) => ({ text, ms: state === 'made' ? ms : null }));
}

/** How long what is made, or being made, will still sound at `now`, ms. */
export function aheadMs(sayings: Iterable<Saying>, now: number): number {
  let sum = 0;
  for (const { pieces, beganAt } of sayings) {
    const wholeMs = pieces.reduce((ms, piece) => ms + lengthOf(piece), 0);
    sum += Math.max(0, wholeMs - (beganAt === null ? 0 : now - beganAt));
  }
  return sum;
}

function lengthOf({ state, ms, text }: Piece): number {
  if (state === 'waiting' || state === 'failed') return 0;
  if (state === 'made' && ms !== null) return ms;
  return Math.max(ms ?? 0, guessedMs(text));
}
