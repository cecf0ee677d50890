// Tailscale: a stand-in for the `tailscale` command, as far as serve and funnel go; its state is a file.
//
// TAILSCALE_SIM names a folder: `serve.json` is what is shown, `plan.json` how it behaves, `asked.log` what was asked.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Plan {
  /** Prints the address where it is enabled, and waits for somebody to go there. */
  readonly isDisabled?: boolean;
  /** Showing this path fails. */
  readonly failsAt?: string;
  readonly state?: string;
}

interface Shown {
  TCP: Record<string, { HTTPS: true }>;
  Web: Record<string, { Handlers: Record<string, { Proxy: string }> }>;
  AllowFunnel: Record<string, boolean>;
}

const HOST = 'box.tail-sim.ts.net';
const folder = process.env['TAILSCALE_SIM'] ?? '.';
const args = process.argv.slice(2);
const plan: Plan = read('plan.json') ?? {};
const shown: Shown = { TCP: {}, Web: {}, AllowFunnel: {}, ...read<Partial<Shown>>('serve.json') };

const [mode = '', ...rest] = args;
const waits = plan.isDisabled === true && mode !== 'status' && rest[0] !== 'status';
if (waits) {
  const where = `https://login.tailscale.com/f/${mode}?node=nSIM`;
  process.stdout.write(`${mode} is not enabled on your tailnet.\nTo enable, visit:\n\n  ${where}\n`);
}
appendFileSync(join(folder, 'asked.log'), `${args.join(' ')}\n`);
if (mode === 'status') {
  const Self = { ID: 'nSIM', DNSName: `${HOST}.` };
  print({ BackendState: plan.state ?? 'Running', Self });
} else if (rest[0] === 'status') {
  print(shown);
} else if (waits) {
  process.stdin.resume();
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1_000);
} else {
  change(mode === 'funnel');
}

function change(isFunnel: boolean): void {
  const port = flag('https') || '443';
  const path = flag('set-path') || '/';
  const last = rest.at(-1) ?? '';
  const at = `${HOST}:${port}`;
  const handlers = shown.Web[at]?.Handlers ?? {};
  const isOff = last === 'off';
  if (isOff ? handlers[path] === undefined : plan.failsAt === path) {
    process.stderr.write(isOff ? 'error: handler does not exist\n' : 'error: this path cannot be shown\n');
    process.exitCode = 1;
    return;
  }
  if (isOff) delete handlers[path];
  else handlers[path] = { Proxy: last };
  keep(port, at, handlers, isFunnel);
  writeFileSync(join(folder, 'serve.json'), JSON.stringify(shown));
}

function keep(
  port: string,
  at: string,
  Handlers: Record<string, { Proxy: string }>,
  isFunnel: boolean,
): void {
  if (Object.keys(Handlers).length === 0) {
    delete shown.Web[at];
    delete shown.TCP[port];
    delete shown.AllowFunnel[at];
  } else {
    shown.Web[at] = { Handlers };
    shown.TCP[port] = { HTTPS: true };
    // One switch for the whole port, as in the real one.
    if (isFunnel) shown.AllowFunnel[at] = true;
    else delete shown.AllowFunnel[at];
  }
}

function flag(name: string): string {
  return rest.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? '';
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function read<T>(name: string): T | null {
  const file = join(folder, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : null;
}
