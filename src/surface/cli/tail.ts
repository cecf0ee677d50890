// Tail: the commands about the store: follow its calls as they change, take in those of an earlier version.
import type { Command } from 'commander';
import { wait } from '../../lib/clock.ts';
import { asVoiceCallError } from '../../lib/errors.ts';
import { type CallFeed, masked, viewOf } from '../../operation/call-feed.ts';
import { oneLine } from '../one-line.ts';
import { tailLine } from '../tail-text.ts';
import type { CliDeps } from './deps.ts';
import { numberOf, run } from './running.ts';

interface TailOptions {
  readonly file?: string;
  readonly since: string;
  readonly poll: string;
  readonly reveal?: true;
  readonly json?: true;
}

export function addTail(parent: Command, deps: CliDeps): void {
  parent
    .command('tail')
    .description('Follow calls as they change; numbers and words are masked')
    .option(
      '--file <path>',
      'a call store, or a calls.jsonl of an earlier version (default: the store of this OpenClaw)',
    )
    .option('--since <n>', 'how many calls are shown at first', '25')
    .option('--poll <ms>', 'how often it is looked, at least 50', '250')
    .option('--reveal', 'show numbers and words as they are')
    .option('--json', 'print JSON lines, as is done anyway when standard output is not a terminal')
    .action((options: TailOptions) => run(deps, () => follow(deps, options)));
  parent
    .command('import <file>')
    .description('Take in the calls of a calls.jsonl of an earlier version; doing it again changes nothing')
    .action((file: string) => run(deps, () => deps.importCalls(file)));
}

async function follow(deps: CliDeps, { file, since, poll, reveal, json }: TailOptions): Promise<undefined> {
  const backlog = numberOf({ flag: 'since', text: since, min: 0, max: 100_000 });
  const pollMs = numberOf({ flag: 'poll', text: poll, min: 50, max: 600_000 });
  const stop = deps.interrupted();
  const feed = await deps.openFeed(file, backlog);
  const show: Show = (call) => {
    const shown = reveal ? call : masked(call);
    return deps.isTerminal && !json ? tailLine(shown) : JSON.stringify(shown);
  };
  const tail = new Tail(deps, feed, show);
  try {
    while (!stop.aborted) {
      await tail.look();
      await wait(deps.clock, pollMs, stop).catch(() => undefined);
    }
  } finally {
    feed.close();
  }
  return undefined;
}

type Show = (call: ReturnType<typeof viewOf>) => string;

class Tail {
  readonly #deps: CliDeps;
  readonly #feed: CallFeed;
  readonly #show: Show;
  /** The latest line of each open call: one that looks the same is not written again. */
  readonly #latest = new Map<string, string>();
  #trouble = '';

  constructor(deps: CliDeps, feed: CallFeed, show: Show) {
    this.#deps = deps;
    this.#feed = feed;
    this.#show = show;
  }

  /** A store that is away for a moment is waited for; that is said once. */
  async look(): Promise<void> {
    const calls = await this.#feed.news().catch((error: unknown) => {
      const trouble = oneLine(asVoiceCallError(error));
      if (trouble !== this.#trouble) this.#deps.warn(`${trouble} Waiting for it.\n`);
      this.#trouble = trouble;
      return null;
    });
    if (calls === null) return;
    this.#trouble = '';
    for (const call of calls) await this.#write(call.id, this.#show(viewOf(call)), call.phase === 'ended');
  }

  async #write(id: string, line: string, isOver: boolean): Promise<void> {
    if (this.#latest.get(id) === line) return;
    if (isOver) this.#latest.delete(id);
    else this.#latest.set(id, line);
    this.#deps.write(`${line}\n`);
    // A reader that is slow is waited for, instead of keeping everything for it.
    await this.#deps.flushed();
  }
}
