// StoreLock: one process at a time works with a call store; a second one is told which has it.
//
// The lock is the database's own, held by the operating system: it is gone with the process that held it, however that
// ended, so nothing has to be waited for or cleaned up after a crash. A write that is begun and never committed takes
// it, and lets others read who it was.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VoiceCallError } from '../lib/errors.ts';
import { storeFailed } from './database.ts';

/** Who works with the store. */
export interface StoreOwner {
  readonly pid: number;
  readonly stateDir: string;
}

export interface StoreLock {
  /** Lets others have the store. Again: nothing. */
  release(): void;
}

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS owner (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), pid INTEGER NOT NULL, state_dir TEXT NOT NULL) STRICT';
const SQLITE_BUSY = 5;

/** Takes the store in folder `dir`. Throws VC_STORE_IN_USE naming who has it, or VC_STORE_FAILED. */
export function lockStore(dir: string, owner: StoreOwner): StoreLock {
  const file = join(dir, 'owner.sqlite');
  let db: DatabaseSync | null = null;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // No time to wait for it: whoever has it keeps it for as long as they live.
    db = new DatabaseSync(file, { timeout: 0 });
    claim(db, owner);
    return { release: () => release(db) };
  } catch (error) {
    const refused = isBusy(error) ? storeInUse(dir, holderIn(file), error) : storeFailed(dir, error);
    release(db);
    throw refused;
  }
}

function storeInUse(path: string, who: string, cause: unknown): VoiceCallError {
  return new VoiceCallError('VC_STORE_IN_USE', { path, who }, { cause });
}

function claim(db: DatabaseSync, { pid, stateDir }: StoreOwner): void {
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA};`);
  db.prepare('INSERT OR REPLACE INTO owner (only_one, pid, state_dir) VALUES (1, ?, ?)').run(pid, stateDir);
  db.exec('COMMIT');
  // Somebody may have come in between; then this fails, and they have it.
  db.exec('BEGIN IMMEDIATE');
}

function release(db: DatabaseSync | null): void {
  if (db?.isOpen) db.close();
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY;
}

function holderIn(file: string): string {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 500 });
    try {
      const row = db.prepare('SELECT pid, state_dir FROM owner').get();
      return row ? `process ${row['pid']} (state dir ${row['state_dir']})` : 'another process';
    } finally {
      db.close();
    }
  } catch {
    return 'another process';
  }
}
