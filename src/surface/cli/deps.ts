// Deps: what the commands need of the process they run in.
import type { Env } from '../../config/parse.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CallFeed, Imported } from '../../operation/call-feed.ts';
import type { CallSource } from '../../operation/call-status.ts';
import type { ExposeRequest } from '../../reach/expose.ts';
import type { Gateway } from '../gateway.ts';
import type { Ask } from '../terminal.ts';

export interface CliDeps {
  readonly gateway: Gateway;
  /** The same Gateway, asked as who may change its configuration. */
  readonly admin: Gateway;
  /** The plugin's part of the configuration file, for when no Gateway runs, and what stands in for what it leaves out. */
  readConfig(): readonly [raw: unknown, env: Env];
  /** Shows the webhook through Tailscale from this machine, for when no Gateway runs. Throws when the Gateway is on another. */
  exposeHere(request: ExposeRequest): Promise<unknown>;
  /** The person at the terminal; null when nobody could answer. */
  readonly ask: Ask | null;
  /** Where the Gateway is, for sockets: `ws://` or `wss://`. */
  gatewayUrl(): string;
  /** The folder of the call store. */
  storeDir(): string;
  /** The calls on disk, for when no Gateway runs; `at` names another store. Throws VC_STORE_FAILED when there is none. */
  openStore(at?: string): CallSource | Promise<CallSource>;
  /** Calls as they change, on disk; see record/feed.ts. Throws VC_STORE_UNREADABLE when there is nothing. */
  openFeed(at: string | undefined, backlog: number): CallFeed | Promise<CallFeed>;
  /** Takes the calls of an earlier version into our store. */
  importCalls(file: string): Promise<Imported>;
  /** Aborted when the person wants it to end; from then on that ends no process by itself. */
  interrupted(): AbortSignal;
  /** Resolves when what was written has left us, or will soon. */
  flushed(): Promise<void>;
  /** To standard output. */
  write(text: string): void;
  /** To standard error. */
  warn(text: string): void;
  /** The process is to end with this code once everything is written. */
  fail(exitCode: number): void;
  /** A person reads standard output: `status` is then text unless --json is given. */
  readonly isTerminal: boolean;
  readonly clock: Clock;
}
