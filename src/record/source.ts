// Source: calls to be looked at, wherever they are: our store, or a `calls.jsonl` of an earlier version. Read only.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Call } from '../call/call.ts';
import type { CallPage, CallQuery } from './history.ts';
import { openJournal, STORE_FILE } from './journal.ts';
import { NO_FILE, readOldCalls, unreadable } from './old-calls.ts';

export interface CallSource {
  /** By our id or the carrier's. */
  find(id: string): Call | null;
  /** Open calls first, then the latest ended. */
  list(limit: number): readonly Call[];
  /** The same, page by page. */
  page(query: CallQuery): CallPage;
}

/** What a path names: the file of our store, or one with old records. */
export interface Located {
  readonly kind: 'store' | 'records';
  readonly file: string;
}

/** `path` is a folder of a store or a file. Where old records went into a store, that is meant. Throws VC_STORE_UNREADABLE. */
export function locate(path: string): Located {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return { kind: 'store', file: join(path, STORE_FILE) };
  if (path.endsWith('.sqlite')) return { kind: 'store', file: path };
  if (found) return { kind: 'records', file: path };
  const beside = join(dirname(path), STORE_FILE);
  if (basename(path) === 'calls.jsonl' && existsSync(beside)) return { kind: 'store', file: beside };
  throw unreadable(path, NO_FILE);
}

/** Throws VC_STORE_UNREADABLE when there is nothing, and VC_STORE_FAILED when it cannot be opened. */
export async function openSource(path: string): Promise<CallSource> {
  const { kind, file } = locate(path);
  if (kind === 'store') return openJournal(file, { readOnly: true });
  const { calls } = await readOldCalls(file);
  const latest = calls.toSorted((a, b) => b.createdAt - a.createdAt);
  return {
    find: (id) => latest.find((call) => call.id === id || call.carrierCallId === id) ?? null,
    list: (limit) => latest.slice(0, limit),
    page: ({ limit, direction, state }) => ({
      calls: latest
        .filter((call) => state !== 'open' && (direction ?? call.direction) === call.direction)
        .slice(0, limit),
      next: null,
    }),
  };
}
