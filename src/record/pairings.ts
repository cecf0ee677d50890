// Pairings: who was told which code and who is known, on disk beside the calls.
import type { DatabaseSync } from 'node:sqlite';
import type { Pairing, PairingBook } from '../call/pairing.ts';

export interface PairingStore {
  load(): PairingBook;
  /** Commits the whole book, which is small. Throws VC_STORE_FAILED; then nothing was written. */
  save(book: PairingBook): void;
}

export const PAIRING_SCHEMA = `
  CREATE TABLE IF NOT EXISTS pairings (
    caller TEXT PRIMARY KEY, code TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    told_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS paired_callers (
    caller TEXT PRIMARY KEY, paired_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS pairing_attempts (
    only INTEGER PRIMARY KEY CHECK (only = 1), wrong_at TEXT NOT NULL, locked_until INTEGER NOT NULL
  ) STRICT;
`;

/** Keeps the book in `db`; `commit` runs a write as one transaction. */
export function pairingStore(db: DatabaseSync, commit: (write: () => void) => void): PairingStore {
  return {
    load: () => load(db),
    save: (book) => commit(() => save(db, book)),
  };
}

function load(db: DatabaseSync): PairingBook {
  const attempts = db.prepare('SELECT wrong_at, locked_until FROM pairing_attempts').get();
  return {
    pairings: db.prepare('SELECT * FROM pairings ORDER BY created_at, caller').all().map(pairingOf),
    paired: db
      .prepare('SELECT caller, paired_at FROM paired_callers ORDER BY paired_at, caller')
      .all()
      .map((row) => ({ caller: String(row['caller']), pairedAt: Number(row['paired_at']) })),
    wrongAt: attempts ? timesOf(attempts['wrong_at']) : [],
    lockedUntil: attempts ? Number(attempts['locked_until']) : 0,
  };
}

function save(db: DatabaseSync, book: PairingBook): void {
  db.exec('DELETE FROM pairings; DELETE FROM paired_callers; DELETE FROM pairing_attempts');
  const pairing = db.prepare(
    'INSERT INTO pairings (caller, code, created_at, expires_at, told_at) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { caller, code, createdAt, expiresAt, toldAt } of book.pairings) {
    pairing.run(caller, code, createdAt, expiresAt, JSON.stringify(toldAt));
  }
  const paired = db.prepare('INSERT INTO paired_callers (caller, paired_at) VALUES (?, ?)');
  for (const { caller, pairedAt } of book.paired) paired.run(caller, pairedAt);
  db.prepare('INSERT INTO pairing_attempts (only, wrong_at, locked_until) VALUES (1, ?, ?)').run(
    JSON.stringify(book.wrongAt),
    book.lockedUntil,
  );
}

function pairingOf(row: Record<string, unknown>): Pairing {
  return {
    caller: String(row['caller']),
    code: String(row['code']),
    createdAt: Number(row['created_at']),
    expiresAt: Number(row['expires_at']),
    toldAt: timesOf(row['told_at']),
  };
}

function timesOf(json: unknown): number[] {
  return JSON.parse(String(json)) as number[];
}
