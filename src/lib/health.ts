// Health: what is wrong now, by subject, with its cure, until it is well again. One log line per change.
import type { Cancel, Clock } from './clock.ts';
import { type ErrorCode, reasonOf, type VoiceCallError } from './errors.ts';
import type { Log } from './log.ts';

/** Something that does not work now. */
export interface Trouble {
  /** What is in trouble: `store`, `carrier`, `line`, ... One trouble at a time per subject, the latest. */
  readonly subject: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly cure: string;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
}

type Listener = (troubles: readonly Trouble[]) => void;

export class Health {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #troubles = new Map<string, Trouble>();
  readonly #listeners = new Set<Listener>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `subject` does not work, for this reason. Saying the same again changes nothing. */
  trouble(subject: string, { code, message, cure }: VoiceCallError): void {
    const known = this.#troubles.get(subject);
    if (known?.code === code && known.message === message) return;
    // The words of one failure may differ from try to try; it began with the first.
    const isNew = known?.code !== code;
    this.#troubles.set(subject, { subject, code, message, cure, since: known?.since ?? this.#clock.now() });
    if (isNew) this.#log.warn('not well', { subject, code, why: message, cure });
    this.#tell();
  }

  /** `subject` works (again). */
  well(subject: string): void {
    const known = this.#troubles.get(subject);
    if (!known) return;
    this.#troubles.delete(subject);
    this.#log.info('well again', { subject, code: known.code, afterMs: this.#clock.now() - known.since });
    this.#tell();
  }

  /** There is no `subject` any more: nobody would ever say that it is well. */
  forget(subject: string): void {
    if (this.#troubles.delete(subject)) this.#tell();
  }

  /** The oldest first; empty when all is well. */
  troubles(): readonly Trouble[] {
    return [...this.#troubles.values()];
  }

  /** Told all troubles at once if there are any, and after each change. */
  listen(listener: Listener): Cancel {
    this.#listeners.add(listener);
    if (this.#troubles.size > 0) this.#tellOne(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) this.#tellOne(listener);
  }

  /** Whoever listens is not who told us: a step that was written down stays written down. */
  #tellOne(listener: Listener): void {
    try {
      listener(this.troubles());
    } catch (error) {
      this.#log.error('the health could not be told', { error: reasonOf(error) });
    }
  }
}
