// Import: takes the calls of earlier versions into the journal, once each; their file stays as it is.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Journal } from './journal.ts';
import { readOldCalls } from './old-calls.ts';

export interface Imported {
  readonly file: string;
  /** Calls that are in the store now and were not before. */
  readonly imported: number;
  /** Calls that were in the store already. */
  readonly known: number;
  /** Lines that are no record of a call. */
  readonly skipped: number;
}

/** Doing it again imports nothing twice. Throws VC_STORE_UNREADABLE and VC_STORE_FAILED. */
export async function importCalls(journal: Journal, file: string): Promise<Imported> {
  const { calls, skipped } = await readOldCalls(file);
  const imported = journal.adopt(calls);
  return { file, imported, known: calls.length - imported, skipped };
}

/** At the start: what an earlier version left in our folder. It is read again only when it has changed. */
export async function importLeftBehind(journal: Journal, storeDir: string, log: Log): Promise<void> {
  const file = join(storeDir, 'calls.jsonl');
  const version = versionOf(file);
  if (version === null || journal.note(NOTE) === version) return;
  try {
    const { imported, known, skipped } = await importCalls(journal, file);
    journal.keepNote(NOTE, version);
    log.info('calls of an earlier version were imported', { imported, known, skipped });
  } catch (error) {
    log.warn('the calls of an earlier version could not be imported', { why: reasonOf(error) });
  }
}

const NOTE = 'imported calls.jsonl';

/** Null: there is no such file. */
function versionOf(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? `${found.size} bytes of ${found.mtimeMs}` : null;
}
