// Continues: "say it and wait for the answer" started now, its result fetched later and handed out once.
import type { Clock } from '../lib/clock.ts';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';

export interface Answered {
  readonly success: true;
  readonly transcript: string;
}

export type ContinueResult =
  | { readonly status: 'pending' }
  | { readonly status: 'failed'; readonly error: string; readonly cure: string }
  | { readonly status: 'completed'; readonly result: Answered };

interface Kept {
  readonly result: ContinueResult;
  readonly finishedAt: number | null;
}

/** A result nobody fetches is forgotten after this long. */
const KEPT_MS = 5 * 60_000;

/** One per running telephone; it outlives the connections that ask. */
export class Continues {
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock, newId: NewId) {
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Starts waiting for `answered` and returns the id under which its result can be fetched. */
  start(answered: Promise<Answered>): string {
    this.#forgetOld();
    const operationId = this.#newId();
    this.#kept.set(operationId, { result: { status: 'pending' }, finishedAt: null });
    const finish = (result: ContinueResult): void => {
      this.#kept.set(operationId, { result, finishedAt: this.#clock.now() });
    };
    answered.then(
      (result) => finish({ status: 'completed', result }),
      (error: unknown) => {
        const { message, cure } = asVoiceCallError(error);
        finish({ status: 'failed', error: message, cure });
      },
    );
    return operationId;
  }

  /** What became of it; a finished result is forgotten with this. Throws VC_OPERATION_NOT_FOUND. */
  take(operationId: string): ContinueResult {
    this.#forgetOld();
    const kept = this.#kept.get(operationId);
    if (!kept) throw new VoiceCallError('VC_OPERATION_NOT_FOUND', { operationId });
    if (kept.finishedAt !== null) this.#kept.delete(operationId);
    return kept.result;
  }

  #forgetOld(): void {
    const before = this.#clock.now() - KEPT_MS;
    for (const [id, { finishedAt }] of this.#kept) {
      if (finishedAt !== null && finishedAt <= before) this.#kept.delete(id);
    }
  }
}
