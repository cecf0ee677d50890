// CommandLine: any words behind `voicecall`: done, or told in one line which of them is wrong; nothing is dialled by mistake.
import { Command, CommanderError } from 'commander';
import { FakePhone, someCall } from '../../../sim/fake-phone.ts';
import { noStore } from '../../../sim/no-store.ts';
import { voiceService } from '../../../sim/voice-service.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { VoiceCallError } from '../../../src/lib/errors.ts';
import type { CliDeps } from '../../../src/surface/cli/deps.ts';
import { addCommands } from '../../../src/surface/cli.ts';
import { mistaken } from '../../../src/surface/one-line.ts';
import { rpcMethods } from '../../../src/surface/rpc.ts';
import type { Random } from '../../random.ts';
import { anyText, mutated } from '../mutate.ts';
import { forbid, type Input, type Outcome, type Target, texts } from '../target.ts';
import { isDialable } from './requests.ts';

/** Commands that read the keyboard, files or the network beside the Gateway are given wrong words only. */
const COMMANDS = [
  'call',
  'start',
  'continue',
  'speak',
  'dtmf',
  'end',
  'status',
  'latency',
  'tail',
  'ring',
  'pairing',
  'expose',
  'setup',
  'import',
  'help',
];
const LOCAL: ReadonlySet<string> = new Set(['phone', 'speech', 'rehearse', 'smoke', 'test-call']);
const FLAGS = [
  ...[
    '--message',
    '-m',
    '--to',
    '-t',
    '--mode',
    '--call-id',
    '--digits',
    '--dtmf-sequence',
    '--language',
    '--voice',
    '--json',
    '--poll',
    '--since',
    '--limit',
  ],
  ...[
    '--last',
    '--file',
    '--from',
    '--say',
    '--path',
    '--port',
    '--serve-path',
    '--fix',
    '--yes',
    '--help',
    '-h',
    '--',
    '-',
    '--no-sound',
    '--mesage',
    '--too',
    '--reveal',
  ],
];
const WORDS = [
  '+15550001234',
  '12#',
  'Hello there.',
  'notify',
  'conversation',
  'off',
  'funnel',
  'call-1',
  '0',
  '-1',
  '1e9',
  '250',
  '',
  ' ',
  'list',
  'approve',
  'ABC123',
  '911',
];

export const commandTargets: readonly Target[] = [
  {
    name: 'command line: any words',
    family: 'command line',
    share: 30_000,
    promise:
      'The program ends with 0, or with another code and one line that says what is wrong, with the flag where it is a flag; never a stack trace; what is dialled was asked for with a number.',
    open: () => ({ make: (random) => ({ words: words(random) }), check }),
  },
];

/** As people write them. */
const WHOLE: readonly (readonly string[])[] = [
  ['call', '--message', 'Hello.', '--to', '+15550001234'],
  ['call', '-m', 'Hello.', '-t', '+15550001234', '--mode', 'notify'],
  ['start', '--to', '+15550001234', '--dtmf-sequence', 'ww12#'],
  ['continue', '--call-id', 'call-1', '--message', 'So?'],
  ['speak', '--call-id', 'call-1', '--message', 'One moment.'],
  ['dtmf', '--call-id', 'call-1', '--digits', '12#'],
  ['end', '--call-id', 'call-1'],
  ['status', '--limit', '5', '--json'],
  ['tail', '--since', '5', '--poll', '250'],
  ['ring', '--from', '+15550001234', '--say', 'Hello.', 'Goodbye.'],
  ['expose', '--mode', 'funnel', '--port', '3334'],
];

function words(random: Random): string[] {
  if (random.once(2)) return spoilt(random, random.pick(WHOLE));
  const first = random.once(12)
    ? random.pick([...LOCAL, anyText(random, 8), '--version', ''])
    : random.pick(COMMANDS);
  const rest = random.list(7, () =>
    random.pick([
      () => random.pick(FLAGS),
      () => random.pick(FLAGS),
      () => random.pick(WORDS),
      () => random.pick(WORDS),
      () => `${random.pick(FLAGS)}=${random.pick(WORDS)}`,
      () => mutated(random, random.pick([...FLAGS, ...WORDS])),
      () => anyText(random, 15),
    ])(),
  );
  // What would wait for a person, a file or the network must fail before it gets there.
  const isLocal = LOCAL.has(first);
  return [first, ...(isLocal ? ['--no-such-flag'] : []), ...rest.map((word) => word.replaceAll('\0', ''))];
}

function spoilt(random: Random, whole: readonly string[]): string[] {
  const at = random.below(whole.length);
  return random
    .pick<() => readonly string[]>([
      () => whole,
      () => whole.toSpliced(at, 1),
      () => whole.toSpliced(at, 1, random.pick([...WORDS, ...FLAGS])),
      () => whole.with(at, mutated(random, whole[at] ?? '')),
      () => [...whole, random.pick([...WORDS, ...FLAGS])],
      () => whole.toSpliced(at, 0, anyText(random, 20)),
    ])()
    .map((word) => word.replaceAll('\0', ''));
}

interface Ended {
  out: string;
  err: string;
  code: number;
}

async function check(input: Input): Promise<Outcome> {
  const phone = new FakePhone();
  phone.calls = [someCall({ phase: 'ended', endedAt: 2_000, end: { reason: 'completed', cause: '' } })];
  const ended: Ended = { out: '', err: '', code: 0 };
  const program = new Command('voicecall')
    .description('Make, hold and inspect phone calls')
    .version('1')
    .exitOverride();
  program.configureOutput({
    writeOut: (said) => (ended.out += said),
    writeErr: (said) => (ended.err += said),
    outputError: (said, write) => write(mistaken(said)),
  });
  addCommands(program, depsOf(phone, ended));
  for (const command of allOf(program)) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync([...texts(input, 'words')], { from: 'user' });
  } catch (error) {
    // As `voicecall` itself does with it; all else is a crash.
    if (!(error instanceof CommanderError)) throw error;
    ended.code = error.exitCode;
  }
  return judged(ended, phone, texts(input, 'words'));
}

function judged({ out, err, code }: Ended, phone: FakePhone, words: readonly string[]): Outcome {
  const lines = err
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '');
  forbid(/^\s+at .*\d+:\d+\)?$/m.test(err + out), 'a person is shown a stack trace', () => err.slice(0, 400));
  forbid(/VC_INTERNAL|Internal error/.test(err), 'a command meets a fault of ours', () => err.slice(0, 400));
  const isHelp = /^Usage:/m.test(err + out);
  forbid(code !== 0 && err.trim() === '' && out.trim() === '', 'a command fails without a word');
  forbid(code !== 0 && lines.length > 2 && !isHelp, 'a failure is told in more than a line', () =>
    err.slice(0, 400),
  );
  const unknown = /unknown option '(.*?)'/s.exec(err)?.[1];
  forbid(
    err.includes('unknown option') && (unknown === undefined || unknown === ''),
    'an unknown flag is not named',
    () => err,
  );
  for (const { to } of phone.placed) {
    forbid(!['call', 'start'].includes(words[0] ?? ''), 'a call is placed that was not asked for', () =>
      words.join(' '),
    );
    forbid(!isDialable(to), 'something is dialled that is no number', () => to);
    forbid(code !== 0, 'a call is placed by a command that fails', () => err);
  }
  const kind = code === 0 ? 'done' : 'refused';
  if (phone.placed.length > 0) return { kind: 'dialled', answer: [code, out, err] };
  return { kind: isHelp ? 'help' : kind, answer: [code, out, err] };
}

function allOf(command: Command): readonly Command[] {
  return command.commands.flatMap((one) => [one, ...allOf(one)]);
}

/** A clock on which nobody waits: whatever is due later is due now. */
function hurried(): Clock {
  let now = 0;
  return {
    now: () => now,
    at(atMs, run) {
      let isOff = false;
      queueMicrotask(() => {
        if (isOff) return;
        now = Math.max(now, atMs);
        run();
      });
      return () => {
        isOff = true;
      };
    },
  };
}

/** A Gateway with our methods on a telephone that dials nobody. */
function depsOf(phone: FakePhone, ended: Ended): CliDeps {
  const clock = hurried();
  const service = voiceService(phone, clock);
  const methods = rpcMethods(() => service);
  const gateway: CliDeps['gateway'] = {
    async request(name, params) {
      const method = methods.find((one) => one.name === name);
      if (!method) throw new VoiceCallError('VC_PLUGIN_NOT_LOADED', {});
      const answer = await method.handle(JSON.parse(JSON.stringify(params)), { isTrusted: false });
      if (answer.ok) return answer.payload;
      throw new VoiceCallError(answer.error.details.code, {}, { cause: answer.error });
    },
  };
  const none = (): never => {
    throw new VoiceCallError('VC_STORE_UNREADABLE', { path: '/x', why: 'there is no such file' });
  };
  const stopped = new AbortController();
  stopped.abort();
  return {
    ...noStore,
    gateway,
    admin: gateway,
    readConfig: () => [{ enabled: false }, {}],
    exposeHere: async ({ mode }) => ({ ok: true, here: mode }),
    ask: null,
    openStore: none,
    openFeed: none,
    importCalls: none,
    interrupted: () => stopped.signal,
    storeDir: () => '/nowhere',
    gatewayUrl: () => 'ws://127.0.0.1:1',
    write: (said) => (ended.out += said),
    warn: (said) => (ended.err += said),
    fail: (code) => {
      ended.code = code;
    },
    isTerminal: false,
    clock,
  };
}
