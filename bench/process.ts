// Process: another process of a bench, and what it tells: asked for by kind, with a deadline.
import { type ChildProcess, fork } from 'node:child_process';

const ANSWERS_WITHIN_MS = 60_000;

export class Process<To extends object, From extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  /** `file` is relative to this folder. */
  constructor(file: string, args: readonly string[] = []) {
    this.#child = fork(new URL(file, import.meta.url), args, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#ended = new Promise((_resolve, reject) => {
      this.#child.once('exit', () => reject(new Error('a process of the bench ended too soon')));
    });
    this.#ended.catch(() => undefined);
  }

  tell(message: To): void {
    if (this.#child.connected) this.#child.send(message);
  }

  next<Kind extends From['kind']>(kind: Kind): Promise<Extract<From, { readonly kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no "${kind}" in time`)), ANSWERS_WITHIN_MS);
      const take = (message: unknown): void => {
        const answer = message as From;
        if (answer.kind !== kind) return;
        clearTimeout(late);
        this.#child.off('message', take);
        resolve(answer as Extract<From, { readonly kind: Kind }>);
      };
      this.#child.on('message', take);
      this.#ended.catch(reject);
    });
  }

  async leave(message: To): Promise<void> {
    this.tell(message);
    await this.#ended.catch(() => undefined);
  }
}
