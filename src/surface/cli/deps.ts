// Deps: what the commands need of the process they run in.
import type { Clock } from '../../lib/clock.ts';
import type { CallSource } from '../../operation/call-status.ts';
import type { Gateway } from '../gateway.ts';

export interface CliDeps {
  readonly gateway: Gateway;
  /** The calls on disk, for when no Gateway runs; `at` names another store. Throws VC_STORE_FAILED when there is none. */
  openStore(at?: string): CallSource | Promise<CallSource>;
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
