// Tools: a folder of stand-ins to put on the PATH, and what a test asks of them.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, wait } from '../../src/lib/clock.ts';

type Tool = 'ngrok' | 'tailscale';

export interface OpenNgrok {
  readonly pid: number;
  /** What comes in here is passed on to us. */
  readonly port: number;
  readonly url: string;
}

/** One of the tools in a folder of its own, alone on its PATH. */
export class FakeTool {
  readonly folder = mkdtempSync(join(tmpdir(), 'voice-call-tool-'));
  readonly env: Readonly<Record<string, string>>;

  constructor(tool: Tool, plan: object = {}) {
    const script = join(import.meta.dirname, `${tool}.ts`);
    const file = join(this.folder, tool);
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
    chmodSync(file, 0o755);
    this.plan(plan);
    this.env = { PATH: this.folder, [`${tool.toUpperCase()}_SIM`]: this.folder };
  }

  /** How it behaves from its next start on. */
  plan(plan: object): void {
    this.write('plan.json', plan);
  }

  write(name: string, value: unknown): void {
    writeFileSync(join(this.folder, name), JSON.stringify(value));
  }

  read<T>(name: string): T | null {
    const file = join(this.folder, name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : null;
  }

  /** The command lines it was started with. */
  get asked(): readonly string[] {
    const file = join(this.folder, 'asked.log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** The tunnel that is open, once it is under this address. */
  async ngrokAt(url: string): Promise<OpenNgrok> {
    for (;;) {
      const now = this.read<OpenNgrok>('now.json');
      if (now?.url === url) return now;
      await wait(systemClock, 5);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
