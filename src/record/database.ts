// Database: the file of the store: opened, looked over, and set aside when it is damaged; what can be read is kept.
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { systemClock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';

/** How long a commit waits for another process that writes, ms. Our whole process stands still meanwhile. */
export const BUSY_MS = 2_000;

export interface Opened {
  readonly db: DatabaseSync;
  /** What was found instead of a whole store; null when nothing was wrong. */
  readonly damage: Damage | null;
}

interface Damage {
  readonly why: string;
  /** Where the damaged file is now. */
  readonly keptAs: string;
  /** How many calls could be taken over from it. */
  readonly calls: number;
}

/** SQLite's own numbers for "the file is damaged" and "this is no database". */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

/** The error for a store in folder `path` that cannot be used, because of `cause`. */
export function storeFailed(path: string, cause: unknown): VoiceCallError {
  return new VoiceCallError('VC_STORE_FAILED', { why: reasonOf(cause), path }, { cause });
}

class Damaged extends Error {}

/** Opens `file` and makes its tables by `prepare`. With `repairs` a damaged one is renamed, and a new one begun with what it held. */
export function openDatabase(file: string, repairs: boolean, prepare: (db: DatabaseSync) => void): Opened {
  try {
    return { db: opened(file, prepare), damage: null };
  } catch (error) {
    if (!repairs || !isDamage(error)) throw error;
    const keptAs = setAside(file);
    const db = opened(file, prepare);
    return { db, damage: { why: reasonOf(error), keptAs, calls: takeOver(db, keptAs) } };
  }
}

function opened(file: string, prepare: (db: DatabaseSync) => void): DatabaseSync {
  // Words and numbers are for nobody else, whatever the folder lets in: SQLite gives its log the mode of the file.
  closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    prepare(db);
    const found = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (found !== 'ok') throw new Damaged(String(found));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  if (error instanceof Damaged) return true;
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === 'number' && DAMAGED.has(errcode & 0xff);
}

/** With a date in its name, and its log beside it: SQLite looks for that by name. */
function setAside(file: string): string {
  const date = new Date(systemClock.now()).toISOString().replaceAll(':', '-');
  const keptAs = `${file}.damaged-${date}`;
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${keptAs}${part}`);
  }
  return keptAs;
}

/** Takes over every row that can be read, from both ends of every table; how many calls that were. */
function takeOver(db: DatabaseSync, keptAs: string): number {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  let from: DatabaseSync | null = null;
  try {
    from = new DatabaseSync(keptAs, { readOnly: true });
    db.exec('BEGIN');
    for (const { name } of tables) {
      for (const order of ['ASC', 'DESC']) copyRows(from, db, { table: String(name), order });
    }
    db.exec('COMMIT');
  } catch {
    // It is not even a database: the new store stays empty.
    if (db.isTransaction) db.exec('ROLLBACK');
  } finally {
    from?.close();
  }
  return Number(db.prepare('SELECT count(*) AS calls FROM calls').get()?.['calls']);
}

function copyRows(
  from: DatabaseSync,
  to: DatabaseSync,
  { table, order }: { readonly table: string; readonly order: string },
): void {
  try {
    for (const row of from.prepare(`SELECT * FROM ${table} ORDER BY 1 ${order}`).iterate()) {
      const names = Object.keys(row);
      const insert = `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
      to.prepare(insert).run(...(Object.values(row) as SQLInputValue[]));
    }
  } catch {
    // The rest of it cannot be read from this end.
  }
}
