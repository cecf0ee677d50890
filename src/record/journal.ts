// Journal: every step of every call on disk, committed before anything is done about it.
//
// node:sqlite, because the host keeps its own stores closed to plugins from outside, and because one commit
// holds a step and the call it led to: after a crash they agree. Write-ahead log: every commit survives the process;
// those that begin or end a call survive the machine too (bench/journal.ts measures what that costs).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Call } from '../call/call.ts';
import type { Outlay } from '../call/governor.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import { BUSY_MS, openDatabase, storeFailed } from './database.ts';
import { type CallPage, type CallQuery, type Forgetting, forgetSome, pageOf } from './history.ts';
import { noteOutlay, OUTLAY_SCHEMA, outlaysSince } from './outlays.ts';
import { PAIRING_SCHEMA, type PairingStore, pairingStore } from './pairings.ts';
import { callOf } from './stored-call.ts';

/** An answer we gave to a webhook, kept so that the same bytes get the same answer again. */
export interface StoredReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What is noted beside a call: an event of the core, or `began` / `lineTold` of the shell. */
export interface Noted {
  readonly kind: string;
  readonly at: number;
}

/** What happened on a call; `seq` grows from step to step. */
export interface Step {
  readonly seq: number;
  readonly at: number;
  readonly event: unknown;
}

export interface Journal {
  /** Commits the event and the call it led to. Throws VC_STORE_FAILED; then nothing was written. */
  save(call: Call, event: Noted): void;
  /**
   * Runs `work` as one commit that no other process can come between: what it reads still holds when it is written.
   * Its own VoiceCallErrors come through, then nothing was written; all else is VC_STORE_FAILED.
   */
  atOnce<T>(work: () => T): T;
  /** What outbound calls took that are open, or ended after `endedAfterMs`. Throws VC_STORE_FAILED. */
  outlays(endedAfterMs: number): readonly Outlay[];
  /** By our id or the carrier's. */
  find(id: string): Call | null;
  /** Calls that are not over, oldest first. */
  open(): readonly Call[];
  /** Open calls first, then the latest ended. */
  list(limit: number): readonly Call[];
  /** The same, page by page. Throws VC_PARAM_INVALID for a `before` that was never a `next`. */
  page(query: CallQuery): CallPage;
  /** The steps of a call in order: all of them, or at most `limit` after step `after`. */
  steps(callId: string, page?: { readonly after: number; readonly limit: number }): readonly Step[];
  /** The latest of them; null: there is none any more. */
  lastStep(callId: string): Step | null;
  /** The calls that changed after step `seq`, in the order they changed, and the latest step there is. */
  changedSince(seq: number): { readonly seq: number; readonly calls: readonly Call[] };
  replyFor(replayKey: string): StoredReply | null;
  keepReply(replayKey: string, reply: StoredReply, at: number): void;
  /** Forgets answers given before `beforeMs`. */
  forgetReplies(beforeMs: number): void;
  /** Takes in calls that are over, of somewhere else; those we know stay as they are. Returns how many are new. */
  adopt(calls: readonly Call[]): number;
  /** What was noted under `name`; null: nothing. */
  note(name: string): string | null;
  keepNote(name: string, text: string): void;
  /** Forgets some of the calls, and of the steps of calls, that are too old and over; true: there is more. */
  forget(tooOld: Forgetting): boolean;
  /** Who may call us because the owner approved their code. */
  readonly pairings: PairingStore;
  close(): void;
}

/** The store's name in its folder. */
export const STORE_FILE = 'calls.sqlite';

const ALL_STEPS = { after: 0, limit: Number.MAX_SAFE_INTEGER };

/** FULL outlives a power cut, NORMAL the death of the process; neither ever leaves half a commit. */
type Safety = 'FULL' | 'NORMAL';

/**
 * Where money begins: a call that is dialled must be known whatever happens to the machine. A power cut may cost the
 * last steps of a conversation, which it ends anyway; waiting for the disk at each of them cost a third of a webhook.
 */
const FLUSHED: ReadonlySet<string> = new Set(['began', 'placed', 'dialFailed', 'carrierEnded']);

/**
 * The log is folded into the store every 16 MB instead of every 4: whoever commits just then waits for the disk, and
 * that was the slowest hundredth of all steps.
 */
const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, carrier_call_id TEXT, open INTEGER NOT NULL, created_at INTEGER NOT NULL,
    snapshot TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS calls_by_carrier ON calls (carrier_call_id);
  CREATE INDEX IF NOT EXISTS calls_by_time ON calls (open DESC, created_at DESC);
  CREATE TABLE IF NOT EXISTS steps (
    seq INTEGER PRIMARY KEY, call_id TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS steps_by_call ON steps (call_id, seq);
  CREATE TABLE IF NOT EXISTS replies (
    replay_key TEXT PRIMARY KEY, at INTEGER NOT NULL, status INTEGER NOT NULL, content_type TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS unreadable_calls (id TEXT PRIMARY KEY, carrier_call_id TEXT, snapshot TEXT) STRICT;
  DROP INDEX IF EXISTS replies_by_time;
`;

/** A record that is no JSON would stop every question about calls. It is kept, beside the others. */
const SORT_OUT = `
  INSERT OR REPLACE INTO unreadable_calls
    SELECT id, carrier_call_id, snapshot FROM calls WHERE NOT json_valid(snapshot);
  DELETE FROM calls WHERE NOT json_valid(snapshot);
`;

interface JournalOptions {
  readonly readOnly?: boolean;
  /** Sets a damaged store aside and begins a new one: for the telephone, never beside one that runs. */
  readonly repairs?: boolean;
  /** Told when the store cannot be written, and when it can be again. */
  readonly health?: Health;
}

/**
 * Opens (and, unless `readOnly`, creates) the store in folder `dir`, or the file itself. With `repairs` a damaged one is
 * set aside under a dated name, and a new one begun with all that can be read of it. Throws VC_STORE_FAILED.
 */
export function openJournal(dir: string, options: JournalOptions = {}): Journal {
  const { readOnly = false, repairs = false, health = null } = options;
  const file = dir.endsWith('.sqlite') ? dir : join(dir, STORE_FILE);
  try {
    if (readOnly) return new SqliteJournal(new DatabaseSync(file, { readOnly, timeout: BUSY_MS }), dir, null);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { db, damage } = openDatabase(file, repairs, (opened) => {
      opened.exec(`${PRAGMAS} ${SCHEMA} ${OUTLAY_SCHEMA} ${PAIRING_SCHEMA}`);
    });
    if (damage) health?.trouble('store damage', new VoiceCallError('VC_STORE_DAMAGED', { ...damage }));
    if (repairs) sortOut(db, file, health);
    return new SqliteJournal(db, dir, health);
  } catch (error) {
    throw storeFailed(dir, error);
  }
}

function sortOut(db: DatabaseSync, file: string, health: Health | null): void {
  const count = Number(
    db.prepare('SELECT count(*) AS n FROM calls WHERE NOT json_valid(snapshot)').get()?.['n'],
  );
  if (count === 0) return;
  db.exec(`BEGIN; ${SORT_OUT} COMMIT`);
  health?.trouble('past calls', new VoiceCallError('VC_CALLS_UNREADABLE', { count, file }));
}

class SqliteJournal implements Journal {
  readonly #db: DatabaseSync;
  readonly #dir: string;
  readonly #health: Health | null;
  #safety: Safety = 'FULL';
  #isFailing = false;
  readonly #prepared = new Map<string, StatementSync>();
  readonly pairings: PairingStore;

  constructor(db: DatabaseSync, dir: string, health: Health | null) {
    this.#db = db;
    this.#dir = dir;
    this.#health = health;
    this.pairings = pairingStore(db, (write) => this.#commit('FULL', write));
  }

  save(call: Call, event: Noted): void {
    this.#commit(FLUSHED.has(event.kind) ? 'FULL' : 'NORMAL', () => {
      this.#sql('INSERT INTO steps (call_id, at, event) VALUES (?, ?, ?)').run(
        call.id,
        // What is heard is timed in fractions of a millisecond.
        Math.round(event.at),
        JSON.stringify(event),
      );
      this.#sql(
        `INSERT INTO calls (id, carrier_call_id, open, created_at, snapshot) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET carrier_call_id = excluded.carrier_call_id, open = excluded.open,
           snapshot = excluded.snapshot`,
      ).run(
        call.id,
        call.carrierCallId,
        call.phase === 'ended' ? 0 : 1,
        call.createdAt,
        JSON.stringify(call),
      );
      noteOutlay(this.#db, call, event.kind);
    });
  }

  atOnce<T>(work: () => T): T {
    return this.#commit('FULL', work);
  }

  outlays(endedAfterMs: number): readonly Outlay[] {
    try {
      return outlaysSince(this.#db, endedAfterMs);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  find(id: string): Call | null {
    const row = this.#sql(
      'SELECT snapshot FROM calls WHERE id = ? OR carrier_call_id = ? ORDER BY created_at DESC LIMIT 1',
    ).get(id, id);
    return row ? callOf(row) : null;
  }

  open(): readonly Call[] {
    return this.#sql('SELECT snapshot FROM calls WHERE open = 1 ORDER BY created_at').all().map(callOf);
  }

  list(limit: number): readonly Call[] {
    return this.page({ limit }).calls;
  }

  page(query: CallQuery): CallPage {
    return pageOf(this.#db, query);
  }

  steps(callId: string, { after, limit } = ALL_STEPS): readonly Step[] {
    return this.#sql('SELECT seq, at, event FROM steps WHERE call_id = ? AND seq > ? ORDER BY seq LIMIT ?')
      .all(callId, after, limit)
      .map(stepOf);
  }

  lastStep(callId: string): Step | null {
    const row = this.#sql('SELECT seq, at, event FROM steps WHERE call_id = ? ORDER BY seq DESC LIMIT 1').get(
      callId,
    );
    return row ? stepOf(row) : null;
  }

  changedSince(seq: number): { readonly seq: number; readonly calls: readonly Call[] } {
    const { latest } = this.#sql('SELECT coalesce(max(seq), 0) AS latest FROM steps').get() ?? {};
    const rows = this.#sql(
      `SELECT snapshot FROM calls JOIN (SELECT call_id, max(seq) AS seq FROM steps WHERE seq > ? GROUP BY call_id)
       ON call_id = id ORDER BY seq`,
    ).all(seq);
    // Steps that were forgotten may have been the latest: then their numbers are given again.
    return { seq: Number(latest), calls: rows.map(callOf) };
  }

  replyFor(replayKey: string): StoredReply | null {
    const row = this.#sql('SELECT status, content_type, body FROM replies WHERE replay_key = ?').get(
      replayKey,
    );
    if (!row) return null;
    return {
      status: Number(row['status']),
      contentType: String(row['content_type']),
      body: String(row['body']),
    };
  }

  keepReply(replayKey: string, reply: StoredReply, at: number): void {
    this.#commit('NORMAL', () => {
      this.#sql(
        'INSERT OR IGNORE INTO replies (replay_key, at, status, content_type, body) VALUES (?, ?, ?, ?, ?)',
      ).run(replayKey, at, reply.status, reply.contentType, reply.body);
    });
  }

  forgetReplies(beforeMs: number): void {
    this.#commit('NORMAL', () => this.#sql('DELETE FROM replies WHERE at < ?').run(beforeMs));
  }

  adopt(calls: readonly Call[]): number {
    return this.#commit('FULL', () => {
      const fresh = calls.filter(({ id }) => this.find(id) === null);
      for (const call of fresh) this.save(call, { kind: 'imported', at: call.endedAt ?? call.createdAt });
      return fresh.length;
    });
  }

  note(name: string): string | null {
    const row = this.#sql('SELECT text FROM notes WHERE name = ?').get(name);
    return row ? String(row['text']) : null;
  }

  keepNote(name: string, text: string): void {
    this.#commit('NORMAL', () =>
      this.#sql('INSERT OR REPLACE INTO notes (name, text) VALUES (?, ?)').run(name, text),
    );
  }

  forget(tooOld: Forgetting): boolean {
    return this.#commit('NORMAL', () => forgetSome(this.#db, tooOld));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #sql(text: string): StatementSync {
    const known = this.#prepared.get(text) ?? this.#db.prepare(text);
    this.#prepared.set(text, known);
    return known;
  }

  #commit<T>(safety: Safety, write: () => T): T {
    if (this.#db.isOpen && this.#db.isTransaction) return write();
    try {
      if (safety !== this.#safety) this.#db.exec(`PRAGMA synchronous = ${safety}`);
      this.#safety = safety;
      this.#db.exec('BEGIN IMMEDIATE');
      const result = write();
      this.#db.exec('COMMIT');
      this.#works();
      return result;
    } catch (error) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      // What the work itself decided is no trouble of the store.
      if (error instanceof VoiceCallError && error.code !== 'VC_STORE_FAILED') throw error;
      throw this.#failed(error);
    }
  }

  #works(): void {
    if (this.#isFailing) this.#db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    this.#isFailing = false;
    this.#health?.well('store');
  }

  /** While it does not work nobody waits for it: every step would keep the whole process standing. */
  #failed(error: unknown): VoiceCallError {
    if (!this.#isFailing && this.#db.isOpen) this.#db.exec('PRAGMA busy_timeout = 0');
    this.#isFailing = true;
    const failed = error instanceof VoiceCallError ? error : storeFailed(this.#dir, error);
    this.#health?.trouble('store', failed);
    return failed;
  }
}

function stepOf(row: Record<string, unknown>): Step {
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    event: JSON.parse(String(row['event'])) as unknown,
  };
}
