#!/usr/bin/env node
// Voicecall: the commands without OpenClaw's own start-up, straight to the Gateway's socket.
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { locateGateway } from '../config/gateway-target.ts';
import { systemClock } from '../lib/clock.ts';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import type { StoreAccess } from '../record/access.ts';
import { hasDatabase } from '../record/supported.ts';
import { addCommands } from '../surface/cli.ts';
import type { Gateway } from '../surface/gateway.ts';
import { ADMIN_SCOPES, GatewayClient } from '../surface/gateway-client.ts';
import { flushed, interrupted } from '../surface/interrupt.ts';
import { mistaken, oneLine } from '../surface/one-line.ts';
import { terminalAsk } from '../surface/terminal.ts';

const { version } = packageJson;

/** Reads no configuration before something is asked: --help needs none. */
class LazyGateway implements Gateway {
  readonly #scopes: readonly string[] | undefined;
  #client: GatewayClient | null = null;

  constructor(scopes?: readonly string[]) {
    this.#scopes = scopes;
  }

  async request(...asked: Parameters<Gateway['request']>): Promise<unknown> {
    const { gateway: target } = locateGateway(process.env);
    const scopes = this.#scopes && { scopes: this.#scopes };
    this.#client ??= new GatewayClient({ target, clock: systemClock, version, ...scopes });
    return this.#client.request(...asked);
  }

  close(): void {
    this.#client?.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${oneLine(asVoiceCallError(error))}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const program = new Command('voicecall').description('Make, hold and inspect phone calls').version(version);
  program.configureOutput({ outputError: (text, write) => write(mistaken(text)) });
  const gateway = new LazyGateway();
  const admin = new LazyGateway(ADMIN_SCOPES);
  addCommands(program, {
    gateway,
    admin,
    gatewayUrl: () => locateGateway(process.env).gateway.url,
    storeDir: () => locateGateway(process.env).storeDir,
    readConfig: () => [locateGateway(process.env).plugin, process.env],
    exposeHere: async (request) => (await import('../reach/expose-here.ts')).exposeHere(request, process.env),
    ask: terminalAsk({ input: process.stdin, output: process.stdout }),
    openStore: async (at) => (await store()).openStore(at),
    openFeed: async (...asked) => (await store()).openFeed(...asked),
    importCalls: async (file) => (await store()).importCalls(file),
    interrupted,
    flushed,
    write: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
    fail: (exitCode) => {
      process.exitCode = exitCode;
    },
    isTerminal: process.stdout.isTTY === true,
    clock: systemClock,
  });
  program.hook('preAction', refuseOldNode);
  await program.parseAsync();
  gateway.close();
  admin.close();
}

/** Before anything is done: no WebSocket, or no SQLite, would be told as a fault of ours. --help needs neither. */
function refuseOldNode(): void {
  if (typeof WebSocket !== 'undefined' && hasDatabase()) return;
  throw new VoiceCallError('VC_NODE_TOO_OLD', { version: process.versions.node });
}

/** Loaded when it is wanted: node:sqlite costs more than all the rest. */
async function store(): Promise<StoreAccess> {
  const { storeAccess } = await import('../record/access.ts');
  return storeAccess(locateGateway(process.env).storeDir);
}
