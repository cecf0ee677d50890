// Energy: the simplest detector of speech: what is clearly louder than the noise. Any sound will do, so it serves
// where the real one cannot run, and in tests.
import type { SpeechModel } from './activity.ts';
import { levelOf, NoiseFloor } from './level.ts';

/** As likely speech as not: so much above the noise. */
const EVEN_DB = 10;
const SLOPE_DB = 1.5;

export function energyModel(): SpeechModel {
  const floor = new NoiseFloor();
  return {
    delayMs: { begin: 0, end: 0 },
    push(mulaw) {
      const db = levelOf(mulaw);
      floor.push(db);
      return 1 / (1 + Math.exp((floor.db + EVEN_DB - db) / SLOPE_DB));
    },
  };
}
