// Listening: lets a scripted person follow a call by ear: what was heard, and when it is their turn to speak.
import type { Heard } from '../twilio/ledger.ts';
import type { Ear } from './ear.ts';

/** The person, as far as an ear concerns them. */
export interface Hearer {
  hears(heard: Heard): void;
  /** It is their turn. */
  listenedTo(): void;
  /** Somebody else speaks. */
  unheeded(): void;
  /** One more word reached them. */
  overhears(): void;
}

/** Who hears nothing for so long says something all the same, as people do, ms. */
const PATIENCE_MS = 5000;

/** Follows the ear until the returned function is called. */
export function listening(ear: Ear, person: Hearer): () => void {
  let isTurn = false;
  let hasHeard = false;
  const turn = (): void => {
    if (!isTurn) person.listenedTo();
    isTurn = true;
  };
  const stop = ear.listen({
    voiceBegan() {
      hasHeard = true;
      if (isTurn) person.unheeded();
      isTurn = false;
    },
    wordHeard: () => person.overhears(),
    stretchEnded({ from, to, text, whole, isCut }) {
      person.hears({ kind: 'say', text, whole, from, to, cut: isCut });
      turn();
    },
    passed(_at, quietMs) {
      if (!hasHeard && quietMs >= PATIENCE_MS) turn();
    },
  });
  return () => {
    stop();
    if (isTurn) person.unheeded();
    isTurn = false;
  };
}
