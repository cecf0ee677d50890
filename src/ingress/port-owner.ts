// PortOwner: who has the port we want: this process, another Gateway, or another program, by name where it can be known.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import { IDENTITY_PATH, type Identity, readIdentity } from './identity.ts';

export interface PortAt {
  readonly port: number;
  /** The address we wanted to bind to. */
  readonly bind: string;
}

/** Whoever it is answers on loopback at once, or is none of us. */
const ASK_WITHIN_MS = 1_000;
const MAX_BODY = 4_096;
const ANY_ADDRESS = new Set(['0.0.0.0', '::', '']);

/** VC_PORT_IN_USE with the name of who has the port and what to do about them. Never throws. */
export async function portTaken(at: PortAt, us: Identity | undefined): Promise<VoiceCallError> {
  const other = await ask(at);
  return new VoiceCallError('VC_PORT_IN_USE', {
    ...at,
    ...wordsFor(other, us, other ? null : programAt(at.port)),
  });
}

/** What `open` gives; a port that is taken is refused with the name of who has it. */
export async function namingOwner<T>(
  at: PortAt,
  us: Identity | undefined,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (asVoiceCallError(error).code !== 'VC_PORT_IN_USE') throw error;
    throw await portTaken(at, us);
  }
}

interface Program {
  readonly pid: number;
  readonly name: string;
}

interface OwnerWords {
  readonly who: string;
  readonly cure: string;
}

const ELSEWHERE = 'set plugins.entries.voice-call.config.serve.port to a port of its own';

function wordsFor(other: Identity | null, us: Identity | undefined, program: Program | null): OwnerWords {
  if (other && other.instance === us?.instance) {
    return { who: 'this process', cure: 'restart the Gateway if it lasts' };
  }
  if (other) {
    const who = `another Gateway (pid ${other.pid}, state dir ${other.stateDir})`;
    return { who, cure: `stop that Gateway, or ${ELSEWHERE}` };
  }
  const who = program ? `another program (${program.name}, pid ${program.pid})` : 'another program';
  return { who, cure: `stop that program, or ${ELSEWHERE}` };
}

function ask({ port, bind }: PortAt): Promise<Identity | null> {
  const host = ANY_ADDRESS.has(bind) ? '127.0.0.1' : bind;
  return new Promise((resolve) => {
    const none = (): void => resolve(null);
    const options = {
      host,
      port,
      path: IDENTITY_PATH,
      agent: false,
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    };
    const asking = get(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BODY) asking.destroy();
      });
      response.on('end', () => resolve(readIdentity(body)));
      response.on('error', none);
      response.on('close', none);
    });
    asking.on('error', none);
  });
}

/** As Linux tells it, and only of processes we may look into; null where nothing can be known. */
function programAt(port: number): Program | null {
  const sockets = new Set(listeningInodes(port).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return null;
  const pids = quietly(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name));
  const pid = pids.find((one) => hasOne(one, sockets));
  if (pid === undefined) return null;
  const name = quietly(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), '');
  return { pid: Number(pid), name: name === '' ? 'unnamed' : name };
}

/** Rows of /proc/net/tcp: local address `hex:port` in the second column, state 0A listens, inode in the tenth. */
function listeningInodes(port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    quietly(() => readFileSync(table, 'utf8'), '')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(wanted))
      .flatMap((columns) => columns[9] ?? []),
  );
}

function hasOne(pid: string, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return quietly(() => readdirSync(folder), []).some((fd) =>
    sockets.has(quietly(() => readlinkSync(`${folder}/${fd}`), '')),
  );
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
