// OldCalls: the calls in a `calls.jsonl` of earlier versions: one record per line, the last of a call counts.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Call, TurnTimes } from '../call/call.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import { callFrom, type OldRecord, oldRecordOf, overFrom, turnIn } from './old-record.ts';

export interface OldCalls {
  /** In the order in which they began to be written. */
  readonly calls: readonly Call[];
  /** Lines that are no record of a call. */
  readonly skipped: number;
}

/** Follows the records of calls line by line. */
export class OldCallReader {
  readonly #turns = new Map<string, ReadonlyMap<number, TurnTimes>>();
  readonly #latest = new Map<string, OldRecord>();
  #skipped = 0;

  /** The call as of this line; null: the line is no record. */
  read(line: string): Call | null {
    const record = oldRecordOf(line);
    if (record === null) {
      if (line.trim() !== '') this.#skipped += 1;
      return null;
    }
    this.#latest.set(record.callId, record);
    const turn = turnIn(record);
    if (turn) this.#turns.set(record.callId, new Map(this.#turns.get(record.callId)).set(turn.turn, turn));
    return callFrom(record, this.#turnsOf(record));
  }

  /** Every call, over. */
  get all(): OldCalls {
    return {
      calls: [...this.#latest.values()].map((record) => overFrom(record, this.#turnsOf(record))),
      skipped: this.#skipped,
    };
  }

  #turnsOf({ callId }: OldRecord): readonly TurnTimes[] {
    return [...(this.#turns.get(callId)?.values() ?? [])];
  }
}

/** Reads a whole file, a line at a time. Throws VC_STORE_UNREADABLE. */
export async function readOldCalls(file: string): Promise<OldCalls> {
  const reader = new OldCallReader();
  try {
    const input = createReadStream(file, 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      reader.read(line);
  } catch (error) {
    throw unreadable(file, isMissing(error) ? NO_FILE : error);
  }
  return reader.all;
}

export const NO_FILE = 'there is no such file';

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The error for a file of calls that cannot be read, because of `cause`. */
export function unreadable(path: string, cause: unknown): VoiceCallError {
  return new VoiceCallError('VC_STORE_UNREADABLE', { path, why: reasonOf(cause) }, { cause });
}
