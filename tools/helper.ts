// Helper: another process of a tool or a bench, and what it says: asked for by kind, with a deadline.
import { type ChildProcess, fork } from 'node:child_process';
import { systemClock } from '../src/lib/clock.ts';

const ANSWERS_WITHIN_MS = 60_000;

/** Every one of them ends by itself when we are gone: Node tells it `disconnect`. */
export class Helper<To extends object, From extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor(entry: URL, args: readonly string[] = []) {
    this.#name = entry.pathname.split('/').at(-1) ?? '';
    // What a helper keeps can only be told from what is garbage when it may collect.
    this.#child = fork(entry, args, { execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'] });
  }

  tell(message: To): void {
    if (this.#child.connected) this.#child.send(message);
  }

  listen(listener: (message: From) => void): () => void {
    const take = (message: unknown): void => listener(message as From);
    this.#child.on('message', take);
    return () => this.#child.off('message', take);
  }

  /** Rejects when the process ends. */
  get lost(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`${this.#name} ended with ${code}`)));
    });
  }

  /** The next message of this kind. */
  async next<K extends From['kind']>(
    kind: K,
    withinMs = ANSWERS_WITHIN_MS,
  ): Promise<Extract<From, { readonly kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { readonly kind: K }>>();
    const unlisten = this.listen((message) => {
      if (message.kind === kind) resolve(message as Extract<From, { readonly kind: K }>);
    });
    const why = new Error(`no "${kind}" came from ${this.#name}`);
    const cancel = systemClock.at(systemClock.now() + withinMs, () => reject(why));
    const gone = (): void => reject(new Error(`${this.#name} ended`));
    this.#child.once('exit', gone);
    return promise.finally(() => {
      unlisten();
      cancel();
      this.#child.off('exit', gone);
    });
  }

  /** What it answers to a question. */
  ask<K extends From['kind']>(message: To, kind: K): Promise<Extract<From, { readonly kind: K }>> {
    const answer = this.next(kind);
    this.tell(message);
    return answer;
  }

  /** Tells it so, and waits until it has ended. */
  async leave(message: To): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const why = new Error(`${this.#name} does not end`);
    const cancel = systemClock.at(systemClock.now() + ANSWERS_WITHIN_MS, () => reject(why));
    this.#child.once('exit', () => resolve());
    this.tell(message);
    await promise.finally(cancel);
  }

  /** Ends it; what it has opened it may close. */
  end(): void {
    this.#child.kill('SIGTERM');
  }
}
