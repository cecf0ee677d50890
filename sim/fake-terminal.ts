// FakeTerminal: the process a command runs in: keeps what is written and how it ends, and answers what it asks.
import assert from 'node:assert/strict';
import type { Clock } from '../src/lib/clock.ts';
import type { CliDeps } from '../src/surface/cli/deps.ts';
import type { Gateway } from '../src/surface/gateway.ts';
import { type Ask, stopped } from '../src/surface/terminal.ts';

/** What a question begins with, and what the person says to it. */
export type Answer = readonly [question: RegExp, answer: string];

export class FakeTerminal {
  out = '';
  exitCode = 0;
  readonly #left: Answer[];

  /** Without answers nobody sits there. */
  constructor(answers: readonly Answer[] = []) {
    this.#left = [...answers];
  }

  /** The questions nobody asked. */
  get unasked(): readonly Answer[] {
    return this.#left;
  }

  deps(
    gateways: Pick<CliDeps, 'gateway' | 'admin'>,
    more: Partial<CliDeps> & { readonly clock: Clock },
  ): CliDeps {
    const unwanted = (): never => assert.fail('nothing on disk is needed while a Gateway runs');
    const write = (text: string): void => {
      this.out += text;
    };
    return {
      ...gateways,
      ask: this.#left.length > 0 ? this.#ask : null,
      readConfig: unwanted,
      exposeHere: unwanted,
      openStore: unwanted,
      openFeed: unwanted,
      importCalls: unwanted,
      gatewayUrl: unwanted,
      storeDir: unwanted,
      interrupted: () => new AbortController().signal,
      flushed: async () => undefined,
      write,
      warn: write,
      fail: (code) => {
        this.exitCode = code;
      },
      isTerminal: true,
      ...more,
    };
  }

  readonly #ask: Ask = async (question, { hidden = false } = {}) => {
    const next = this.#left[0];
    if (!next) throw stopped('nobody answers any more');
    assert.match(question, next[0], `asked "${question}" after:\n${this.out}`);
    this.#left.shift();
    this.out += `${question}${hidden ? '' : next[1]}\n`;
    return next[1];
  };
}

/** One Gateway for both: what anybody may ask, and what only its administrator may. */
export function bothOf(gateway: Gateway): Pick<CliDeps, 'gateway' | 'admin'> {
  return { gateway, admin: gateway };
}
