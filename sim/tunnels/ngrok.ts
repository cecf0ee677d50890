// Ngrok: a stand-in for the `ngrok` command: its flags, its log, its errors; what comes in is really passed on.
//
// NGROK_SIM names a folder. `plan.json` there says how it behaves; `now.json` is written while a tunnel is open.
// SIGUSR2 has it come back under the next address, as after a lost session.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';

interface Plan {
  /** Addresses in the order they are given out, the last one for ever. */
  readonly urls?: readonly string[];
  /** An error code it ends with instead of opening. */
  readonly error?: string;
  /** Says nothing at all. */
  readonly hangs?: boolean;
  /** Knows `--url`; older ones know `--domain` only. */
  readonly isNew?: boolean;
}

const folder = process.env['NGROK_SIM'] ?? '.';
const [command, target = '', ...flags] = process.argv.slice(2);
const planFile = join(folder, 'plan.json');
const plan: Plan = existsSync(planFile) ? JSON.parse(readFileSync(planFile, 'utf8')) : {};
appendFileSync(join(folder, 'asked.log'), `${process.argv.slice(2).join(' ')}\n`);

if (command !== 'http') {
  // Whoever changes the user's configuration is caught by the line above.
  process.exit(0);
} else if (target === '--help') {
  process.stdout.write(
    `USAGE: ngrok http [address] [flags]\n  --log\n  ${plan.isNew ? '--url' : '--domain'}\n`,
  );
} else if (plan.hangs) {
  process.stdin.resume();
  createServer().listen(0, '127.0.0.1');
} else if (plan.error) {
  fail(plan.error);
} else if (!process.env['NGROK_AUTHTOKEN']) {
  fail('4018');
} else {
  open();
}

function fail(code: string): void {
  const token = process.env['NGROK_AUTHTOKEN'] ?? '';
  log({ lvl: 'eror', msg: 'failed to auth', err: `Your authtoken: ${token}\r\n\r\nERR_NGROK_${code}\r\n` });
  process.stderr.write(
    `ERROR:  authentication failed: Your authtoken: ${token}\nERROR:  ERR_NGROK_${code}\n`,
  );
  process.exitCode = 1;
}

function open(): void {
  const [host = '', port = ''] = target.split(':');
  const server = createServer((socket) => {
    const inner = connect(Number(port), host);
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1', () => {
    const { port: outside } = server.address() as AddressInfo;
    process.on('SIGUSR2', () => started(outside));
    started(outside);
  });
  process.on('SIGTERM', () => process.exit(0));
}

function started(port: number): void {
  const countFile = join(folder, 'opened');
  const count = existsSync(countFile) ? Number(readFileSync(countFile, 'utf8')) : 0;
  writeFileSync(countFile, String(count + 1));
  const urls = plan.urls ?? ['https://sim.ngrok.example'];
  const asked = flags[flags.findIndex((flag) => flag === '--domain' || flag === '--url') + 1];
  const isAsked = flags.some((flag) => flag === '--domain' || flag === '--url');
  const given = urls[Math.min(count, urls.length - 1)];
  const url = isAsked ? `https://${(asked ?? '').replace('https://', '')}` : given;
  writeFileSync(join(folder, 'now.json'), JSON.stringify({ pid: process.pid, port, url }));
  log({
    lvl: 'info',
    msg: 'started tunnel',
    obj: 'tunnels',
    name: 'command_line',
    addr: `http://${target}`,
    url,
  });
}

function log(entry: object): void {
  process.stdout.write(`${JSON.stringify({ ...entry, t: '2026-01-01T00:00:00+0000' })}\n`);
}
