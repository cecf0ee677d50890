// Cli: the verbs as commands, one file per subject. Every one asks the running Gateway; some can also read the store.
import type { Command } from 'commander';
import { addCalling, addRing } from './cli/calling.ts';
import type { CliDeps } from './cli/deps.ts';
import { addExpose } from './cli/expose.ts';
import { addLatency } from './cli/latency.ts';
import { addPairing } from './cli/pairing.ts';
import { addPhone } from './cli/phone.ts';
import { addRehearse } from './cli/rehearse.ts';
import { addSetup } from './cli/setup.ts';
import { addSmoke } from './cli/smoke.ts';
import { addStatus } from './cli/status.ts';
import { addTail } from './cli/tail.ts';
import { printable } from './terminal.ts';

/** Adds `voicecall` with all its commands to the host's program. */
export function registerVoicecallCommands(program: Command, deps: CliDeps): void {
  addCommands(program.command('voicecall').description('Make, hold and inspect phone calls'), deps);
}

/** Adds the commands to `parent` itself: `call`, `start`, `continue`, `speak`, `dtmf`, `end`, ... */
export function addCommands(parent: Command, process: CliDeps): void {
  const deps: CliDeps = {
    ...process,
    write: (text) => process.write(printable(text)),
    warn: (text) => process.warn(printable(text)),
  };
  addSetup(parent, deps);
  addSmoke(parent, deps);
  addExpose(parent, deps);
  addCalling(parent, deps);
  addPairing(parent, deps);
  addStatus(parent, deps);
  addLatency(parent, deps);
  addTail(parent, deps);
  addRing(parent, deps);
  addPhone(parent, deps);
  addRehearse(parent, deps);
}
