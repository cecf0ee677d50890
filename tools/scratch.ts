// Scratch: a folder for temporary files that goes when the process does, also when somebody interrupts it.
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Its path. After SIGKILL it stays: then nobody is left to take it away. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `voice-call-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of STOPS) process.once(signal, () => process.exit(128 + constants.signals[signal]));
  return folder;
}
