// Start: `npm start`: a real OpenClaw Gateway with our plugin installed, and a phone call you can watch. Offline.
import { Demo } from './demo.ts';
import { knownProviders, parseOptions, requireKey, type StartOptions, usage } from './start-options.ts';
import { Terminal } from './terminal.ts';

async function main(terminal: Terminal): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    terminal.line(usage);
    return 0;
  }
  if (options.model !== null) requireKey(options.model, knownProviders(), process.env);
  return runDemo(options, terminal);
}

async function runDemo(options: StartOptions, terminal: Terminal): Promise<number> {
  const stop = stopSignal();
  const demo = new Demo({ options, terminal, stop });
  try {
    await demo.open();
    const wentWell = await demo.call();
    if (options.once) return wentWell ? 0 : 1;
    await demo.stayUp();
    return 0;
  } catch (error) {
    if (!stop.aborted) throw error;
    // Ctrl-C is how it is meant to end, unless a call was asked for that now was never made.
    return options.once ? 130 : 0;
  } finally {
    await demo.close();
  }
}

/** Ctrl-C, kill, or the terminal or npm going away. However often it is said, once is enough. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('stopped'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 1_000).unref();
  return controller.signal;
}

const terminal = new Terminal(process.stdout, process.env);
const code = await main(terminal).catch((error: unknown) => {
  terminal.trouble(error);
  return 1;
});
// Whatever may still be open, the demo is over.
process.exit(code);
