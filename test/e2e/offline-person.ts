// OfflinePerson: somebody who speaks and understands English by the embedded pair, for tests that listen to what is said.
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { soundReader } from '../../src/media/sound.ts';
import { offlinePair } from '../../src/offline/pair.ts';
import { partsFolder } from '../../src/offline/parts.ts';
import { offlineParts } from '../../tools/offline-parts.ts';
import type { Home } from './home.ts';

const WITHIN_MS = 60_000;

/** Also puts the embedded pair into the home, so that the telephone there has it too. */
export async function offlinePersonAt(home: Home): Promise<OfflinePerson> {
  const parts = await offlineParts();
  const folder = partsFolder(path.join(home.stateDir, 'voice-calls'));
  mkdirSync(path.dirname(folder), { recursive: true });
  cpSync(parts, folder, { recursive: true });
  return new OfflinePerson(parts);
}

export class OfflinePerson {
  readonly #pair: ReturnType<typeof offlinePair>;

  constructor(folder: string) {
    this.#pair = offlinePair({ folder, clock: systemClock });
  }

  /** Mu-law at 8 kHz of somebody saying this. */
  async says(text: string): Promise<Uint8Array> {
    const reader = soundReader();
    const pieces: Uint8Array[] = [];
    const { signal } = new AbortController();
    const wanted = { callId: 'p', text, language: 'en-US', tts: null, numberRoute: null, signal };
    for await (const sound of this.#pair.synthesizer.speak(wanted)) pieces.push(reader.push(sound));
    return Buffer.concat([...pieces, reader.end()]);
  }

  /** What they make of what they heard, once it is `wanted`; rejects when it never is. */
  async understands(mulaw: Uint8Array, wanted: RegExp): Promise<string> {
    const done = Promise.withResolvers<void>();
    const words: string[] = [];
    const session = this.#pair.transcriber.open(
      { callId: 'p', agentId: 'main', language: 'en-US' },
      {
        onPartial: () => undefined,
        onFinal: (text) => {
          words.push(text);
          if (wanted.test(words.join(' '))) done.resolve();
        },
        onBroken: (why) => done.reject(new Error(why)),
      },
    );
    await session.ready;
    session.hear(mulaw);
    session.hear(new Uint8Array(8_000).fill(0xff));
    const cancel = systemClock.at(systemClock.now() + WITHIN_MS, () =>
      done.reject(new Error(`understood only ${JSON.stringify(words)}`)),
    );
    await done.promise.finally(cancel);
    session.close();
    return words.join(' ');
  }

  stop(): Promise<void> {
    return this.#pair.stop();
  }
}
