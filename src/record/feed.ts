// Feed: the calls of a store, or of a file of old records, as they change; whoever looks asks again and again.
import { createReadStream, statSync } from 'node:fs';
import type { Call } from '../call/call.ts';
import { type Journal, openJournal } from './journal.ts';
import { NO_FILE, OldCallReader, unreadable } from './old-calls.ts';
import { locate } from './source.ts';

export interface CallFeed {
  /**
   * The calls that changed since the last time, in the order they changed; the first time the latest `backlog`. A file
   * that was replaced or cut is begun afresh. Throws while the file is away or cannot be read; the next time may work.
   */
  news(): Promise<readonly Call[]>;
  close(): void;
}

/** Throws VC_STORE_UNREADABLE when there is nothing at `path`, see source.ts. */
export function openFeed(path: string, backlog: number): CallFeed {
  const { kind, file } = locate(path);
  return kind === 'store' ? new StoreFeed(file, backlog) : new RecordFeed(file, backlog);
}

/** Tells one file from another at the same path; null: there is none. */
function identityOf(file: string): { readonly id: string; readonly size: number } | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? { id: `${found.dev}:${found.ino}`, size: found.size } : null;
}

class StoreFeed implements CallFeed {
  readonly #file: string;
  readonly #backlog: number;
  #open: { readonly journal: Journal; readonly id: string; seq: number } | null = null;

  constructor(file: string, backlog: number) {
    this.#file = file;
    this.#backlog = backlog;
  }

  async news(): Promise<readonly Call[]> {
    const identity = identityOf(this.#file);
    if (identity === null) {
      this.close();
      throw unreadable(this.#file, NO_FILE);
    }
    if (this.#open && this.#open.id !== identity.id) this.close();
    if (this.#open === null) return this.#begin(identity.id);
    const { seq, calls } = this.#open.journal.changedSince(this.#open.seq);
    this.#open.seq = seq;
    return calls;
  }

  #begin(id: string): readonly Call[] {
    const journal = openJournal(this.#file, { readOnly: true });
    this.#open = { journal, id, seq: journal.changedSince(Number.MAX_SAFE_INTEGER).seq };
    return this.#backlog === 0 ? [] : journal.list(this.#backlog).toReversed();
  }

  close(): void {
    this.#open?.journal.close();
    this.#open = null;
  }
}

class RecordFeed implements CallFeed {
  readonly #file: string;
  readonly #backlog: number;
  #reader = new OldCallReader();
  #id: string | null = null;
  #offset = 0;
  /** The end of what was read, as long as its line is not complete. */
  #partial = Buffer.alloc(0);

  constructor(file: string, backlog: number) {
    this.#file = file;
    this.#backlog = backlog;
  }

  async news(): Promise<readonly Call[]> {
    const identity = identityOf(this.#file);
    if (identity === null) throw unreadable(this.#file, NO_FILE);
    const isFirst = this.#id === null;
    if (identity.id !== this.#id || identity.size < this.#offset) this.#beginAgain(identity.id);
    const calls: Call[] = [];
    for await (const chunk of this.#unread()) {
      for (const line of this.#linesIn(chunk)) {
        const call = this.#reader.read(line);
        if (call) calls.push(call);
        // Of a long file only the end is wanted.
        if (isFirst && calls.length > this.#backlog) calls.shift();
      }
    }
    return calls;
  }

  #beginAgain(id: string): void {
    this.#id = id;
    this.#offset = 0;
    this.#partial = Buffer.alloc(0);
    this.#reader = new OldCallReader();
  }

  async *#unread(): AsyncIterable<Buffer> {
    try {
      for await (const chunk of createReadStream(this.#file, { start: this.#offset })) {
        const bytes = Buffer.from(chunk);
        this.#offset += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw unreadable(this.#file, error);
    }
  }

  /** Complete lines only: a letter may be cut in the middle of its bytes. */
  #linesIn(chunk: Buffer): readonly string[] {
    const text = Buffer.concat([this.#partial, chunk]);
    const end = text.lastIndexOf(0x0a) + 1;
    this.#partial = text.subarray(end);
    return text.subarray(0, end).toString('utf8').split('\n');
  }

  close(): void {
    this.#beginAgain('');
  }
}
