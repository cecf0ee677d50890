// History: the calls there are and were, page by page; what is too old is forgotten.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Call, Direction } from '../call/call.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { callOf } from './stored-call.ts';

export interface CallQuery {
  /** At most so many. */
  readonly limit: number;
  /** The `next` of the page before this one; absent: from the beginning. */
  readonly before?: string | undefined;
  readonly state?: 'open' | 'ended' | undefined;
  readonly direction?: Direction | undefined;
}

export interface CallPage {
  /** Open calls first, then the latest ended; within each the latest first. */
  readonly calls: readonly Call[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

/** Where a call stands in the order of all; no new call comes behind a cursor, so that pages do not shift. */
interface Cursor {
  readonly open: number;
  readonly createdAt: number;
  readonly id: string;
}

/** Throws VC_PARAM_INVALID when `before` was never a `next`. */
export function pageOf(db: DatabaseSync, { limit, before, state, direction }: CallQuery): CallPage {
  const wanted: [string, ...SQLInputValue[]][] = [];
  if (before !== undefined) {
    const { open, createdAt, id } = cursorFrom(before);
    wanted.push(['(open, created_at, id) < (?, ?, ?)', open, createdAt, id]);
  }
  if (state !== undefined) wanted.push(['open = ?', state === 'open' ? 1 : 0]);
  if (direction !== undefined) wanted.push(["json_extract(snapshot, '$.direction') = ?", direction]);
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(([condition]) => condition).join(' AND ')}`;
  const rows = db
    .prepare(
      `SELECT open, created_at, id, snapshot FROM calls ${where}
       ORDER BY open DESC, created_at DESC, id DESC LIMIT ?`,
    )
    .all(...wanted.flatMap(([, ...values]) => values), limit + 1);
  const last = rows[limit - 1];
  return {
    calls: rows.slice(0, limit).map(callOf),
    next: rows.length > limit && last ? textOf(last) : null,
  };
}

function textOf(row: Record<string, unknown>): string {
  return [row['open'], row['created_at'], row['id']].join('-');
}

function cursorFrom(text: string): Cursor {
  const [, open, createdAt, id] = /^([01])-(\d{1,16})-(.+)$/s.exec(text) ?? [];
  if (id === undefined) {
    const why = 'it must be the "next" of an earlier answer';
    throw new VoiceCallError('VC_PARAM_INVALID', { name: 'before', why });
  }
  return { open: Number(open), createdAt: Number(createdAt), id };
}

/** From when a call counts as too old, ms since the epoch; null: never. */
export interface Forgetting {
  readonly callsBefore: number | null;
  readonly stepsBefore: number;
}

/** How many calls lose something in one go: the loop that waits for it has calls to serve. */
const AT_ONCE = 50;

/** Forgets some of what is too old, of calls that are over; true: there is more. To be run within a commit. */
export function forgetSome(db: DatabaseSync, { callsBefore, stepsBefore }: Forgetting): boolean {
  db.prepare('DELETE FROM outlays WHERE ended_at < ?').run(stepsBefore);
  const dropSteps = db.prepare('DELETE FROM steps WHERE call_id = ?');
  const bare = db
    .prepare(
      `SELECT id FROM calls WHERE open = 0 AND created_at < ?
       AND EXISTS (SELECT 1 FROM steps WHERE call_id = calls.id) ORDER BY created_at LIMIT ?`,
    )
    .all(Math.max(stepsBefore, callsBefore ?? 0), AT_ONCE);
  for (const { id } of bare) dropSteps.run(id ?? null);
  if (bare.length === AT_ONCE || callsBefore === null) return bare.length === AT_ONCE;
  const gone = db
    .prepare('DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE open = 0 AND created_at < ? LIMIT ?)')
    .run(callsBefore, AT_ONCE);
  return gone.changes === AT_ONCE;
}
