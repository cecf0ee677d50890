// Helper: another process of a tool, and what it says.
import { type ChildProcess, fork } from 'node:child_process';
import { systemClock } from '../../src/lib/clock.ts';

/** Every one of them ends when told `stop`. */
export class Helper<To extends object, From extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(message: From) => void>();
  readonly #name: string;

  constructor(entry: URL, args: readonly string[] = []) {
    this.#name = entry.pathname.split('/').at(-1) ?? '';
    this.#child = fork(entry, args, { execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'] });
    this.#child.on('message', (message) => {
      for (const listener of [...this.#listeners]) listener(message as From);
    });
  }

  tell(message: To): void {
    if (this.#child.connected) this.#child.send(message);
  }

  listen(listener: (message: From) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects when the process ends. */
  get lost(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`${this.#name} ended with ${code}`)));
    });
  }

  /** Asks it to end, and waits for it. */
  async stop(withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = systemClock.at(systemClock.now() + withinMs, () =>
      reject(new Error(`${this.#name} does not end`)),
    );
    this.#child.once('exit', () => resolve());
    this.#child.send({ kind: 'stop' });
    await promise.finally(cancel);
  }

  /** The next message of this kind. */
  async next<K extends From['kind']>(kind: K, withinMs: number): Promise<Extract<From, { kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { kind: K }>>();
    const unlisten = this.listen((message) => {
      if (message.kind === kind) resolve(message as Extract<From, { kind: K }>);
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
  ask<K extends From['kind']>(message: To, kind: K, withinMs: number): Promise<Extract<From, { kind: K }>> {
    const answer = this.next(kind, withinMs);
    this.tell(message);
    return answer;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
