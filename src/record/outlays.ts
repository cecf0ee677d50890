// Outlays: what outbound calls took of the budget, on disk beside the calls and longer than these.
import type { DatabaseSync } from 'node:sqlite';
import type { Call } from '../call/call.ts';
import { type Outlay, outlayOf } from '../call/governor.ts';

export const OUTLAY_SCHEMA = `
  CREATE TABLE IF NOT EXISTS outlays (
    call_id TEXT PRIMARY KEY, ended_at INTEGER, outlay TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS outlays_by_end ON outlays (ended_at);
`;

/** Notes a call that begins or is over; what happens between changes nothing. To be run within its commit. */
export function noteOutlay(db: DatabaseSync, call: Call, event: string): void {
  if (call.direction !== 'outbound' || (event !== 'began' && call.phase !== 'ended')) return;
  const outlay = outlayOf(call);
  db.prepare(
    `INSERT INTO outlays (call_id, ended_at, outlay) VALUES (?, ?, ?)
     ON CONFLICT (call_id) DO UPDATE SET ended_at = excluded.ended_at, outlay = excluded.outlay`,
  ).run(
    call.id,
    // What is heard is timed in fractions of a millisecond.
    outlay.endedAt === null ? null : Math.round(outlay.endedAt),
    JSON.stringify(outlay),
  );
}

/** Of calls that are open, and of those that ended after `endedAfterMs`. */
export function outlaysSince(db: DatabaseSync, endedAfterMs: number): readonly Outlay[] {
  return db
    .prepare('SELECT outlay FROM outlays WHERE ended_at IS NULL OR ended_at > ?')
    .all(endedAfterMs)
    .map((row) => JSON.parse(String(row['outlay'])) as Outlay);
}
