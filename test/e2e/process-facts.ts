// ProcessFacts: what a process holds on to, as Linux tells it: ports it listens on, threads, open files.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessFacts {
  /** Ports it listens on, sorted. */
  readonly ports: readonly number[];
  readonly threads: number;
  readonly files: number;
}

export function factsOf(pid: number): ProcessFacts {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((fd) => targetOf(`${folder}/${fd}`));
  const sockets = new Set(targets.filter((target) => target.startsWith('socket:')));
  const threads = /^Threads:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { ports: listening(sockets), threads: Number(threads), files: targets.length };
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

/** Rows of /proc/net/tcp: local address `hex:port` in the second column, state 0A listens, inode in the tenth. */
function listening(sockets: ReadonlySet<string>): readonly number[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8').split('\n'),
  );
  const ports = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(`socket:[${inode}]`))
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
  return [...new Set(ports)].toSorted((a, b) => a - b);
}
