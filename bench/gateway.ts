// Bench: what the plugin adds to a real Gateway: start-up, memory, and how soon a command answers; beside one without it.
import { readFileSync } from 'node:fs';
import { BIN, freePort, Home } from '../test/e2e/home.ts';
import { twilioLine } from '../test/e2e/streaming-lines.ts';
import { StreamingVoices } from '../test/e2e/streaming-voices.ts';
import { type CliResult, command } from '../tools/gateway.ts';
import {
  codeFor,
  HEAD,
  keep,
  type Measured,
  machine,
  option,
  print,
  printRow,
  type Row,
  rowOf,
} from './figures.ts';

const STARTS = Number(option('starts') ?? 3);
/** A Gateway that is ready still has things to load; after so long it has come to rest. */
const SETTLE_MS = 5_000;
/** Of each command; slow ones are those of OpenClaw. */
const QUICK_RUNS = 12;
const SLOW_RUNS = Number(option('slow') ?? 1);
const TICKS_A_SECOND = 100;

/** A Gateway with or without the plugin, and what its starts came to. */
interface Subject {
  readonly id: 'bare' | 'ours';
  readonly name: string;
  readonly home: Home;
  /** The plugin's; null without it. */
  readonly config: object | null;
  readonly readyMs: number[];
  readonly cpuMs: number[];
  readonly readyMb: number[];
  readonly settledMb: number[];
}

const rows: Row[] = [];
function show(measured: Measured, values: readonly number[]): void {
  const row = rowOf(measured, values);
  rows.push(row);
  printRow(row);
}

/** From the process being started to its word that it is ready, and what it took until it came to rest. */
async function start(subject: Subject): Promise<void> {
  const { home, config } = subject;
  const startedAt = Date.now();
  await home.start(config, { answers: false });
  await home.logged(/\[gateway\] ready/);
  subject.readyMs.push(readyAt(home.log) - startedAt);
  const { pid } = home.gateway;
  subject.readyMb.push(memoryMb(pid));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  subject.settledMb.push(memoryMb(pid));
  subject.cpuMs.push(processorMs(pid));
}

/** By the Gateway's own clock: looking at it takes time. */
function readyAt(log: string): number {
  return Date.parse(/^(\S+) \[gateway\] ready/m.exec(log)?.[1] ?? '');
}

function memoryMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

/** Fields 14 and 15 of /proc/<pid>/stat; the second is the name in brackets, which may hold spaces. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (((user ?? 0) + (system ?? 0)) * 1_000) / TICKS_A_SECOND;
}

async function timed(runs: number, run: () => Promise<CliResult>): Promise<readonly number[]> {
  const times: number[] = [];
  // The first run fills caches.
  for (let at = 0; at <= runs; at++) {
    const began = performance.now();
    const { code, stdout, stderr } = await run();
    if (code !== 0) throw new Error(`a command ended with ${code}: ${stdout}${stderr}`);
    if (at > 0) times.push(performance.now() - began);
  }
  return times;
}

function showStarts(subject: Subject): void {
  const { id, name } = subject;
  const figures = [
    ['ready', 'process started -> ready', 'ms', subject.readyMs],
    ['cpu', 'processor time of it, and of 5 s more', 'ms', subject.cpuMs],
    ['memory', 'memory when ready', 'MB', subject.readyMb],
    ['settled', 'memory 5 s later', 'MB', subject.settledMb],
  ] as const;
  for (const [key, what, unit, values] of figures) {
    const beside = id === 'bare' ? {} : { beside: `gateway.bare.${key}` };
    show({ id: `gateway.${id}.${key}`, what: `${what}, ${name}`, unit, ...beside }, values);
  }
}

/** Commands are asked of a Gateway that runs, from outside, as a person does. */
async function showBareCommands({ home }: Subject): Promise<void> {
  show(
    { id: 'cli.bare.help', what: 'openclaw --help, without the plugin' },
    await timed(SLOW_RUNS, () => home.openclaw('--help')),
  );
  show(
    { id: 'cli.bare.asks', what: 'openclaw gateway call health, without the plugin' },
    await timed(SLOW_RUNS, () => home.openclaw('gateway', 'call', 'health')),
  );
  show({ id: 'cli.node', what: 'bare node' }, await timed(QUICK_RUNS, () => command(['-e', '0'], home.env)));
}

async function showOurCommands({ home }: Subject): Promise<void> {
  show(
    { id: 'cli.help', what: 'openclaw --help, with the plugin', beside: 'cli.bare.help' },
    await timed(SLOW_RUNS, () => home.openclaw('--help')),
  );
  show(
    { id: 'cli.openclaw', what: 'openclaw voicecall status', beside: 'cli.bare.asks' },
    await timed(SLOW_RUNS, () => home.openclaw('voicecall', 'status')),
  );
  show(
    { id: 'cli.quick', what: 'voicecall status', limits: { p95: 500 }, beside: 'cli.node' },
    await timed(QUICK_RUNS, () => command([BIN, 'status'], home.env)),
  );
}

print(`A real Gateway, started ${STARTS} times with the plugin and without; ms, MB. ${machine()}`);
print('The plugin has Twilio with media streams, a transcriber and a voice, all on this machine.');
const voices = new StreamingVoices();
await voices.listen();
const line = await twilioLine();
const fresh = { readyMs: [], cpuMs: [], readyMb: [], settledMb: [] };
const { home: withPlugin, installed } = await Home.install({ env: voices.env });
if (installed.code !== 0)
  throw new Error(`the plugin was not installed: ${installed.stdout}${installed.stderr}`);
const bare: Subject = {
  id: 'bare',
  name: 'without the plugin',
  home: await Home.bare({ env: voices.env }),
  config: null,
  ...structuredClone(fresh),
};
const ours: Subject = {
  id: 'ours',
  name: 'with the plugin',
  home: withPlugin,
  config: { ...line.config(await freePort()), streaming: voices.streaming, tts: voices.tts('elevenlabs') },
  ...structuredClone(fresh),
};

const cleanUp = async (): Promise<void> => {
  for (const { home } of [bare, ours]) await home.remove();
  await Promise.all([line.close(), voices.close()]);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));

try {
  print(HEAD);
  for (let round = 1; round <= STARTS; round++) {
    for (const [subject, showCommands] of [
      [bare, showBareCommands],
      [ours, showOurCommands],
    ] as const) {
      await start(subject);
      if (round === STARTS) await showCommands(subject);
      await subject.home.stop();
    }
  }
  for (const subject of [bare, ours]) showStarts(subject);
} finally {
  await cleanUp();
}
print(`  figures: ${keep('gateway', rows)}`);
process.exitCode = codeFor(rows);
