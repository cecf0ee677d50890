// Identity: who listens on this port, told to whoever asks on this machine and to nobody else.
import { isIP } from 'node:net';
import type { WireReply } from '../carrier/carrier.ts';
import type { RequestHead } from './webhook.ts';

/** One Gateway process. Nothing in it is secret, but nobody outside needs it. */
export interface Identity {
  /** Made anew for every process. */
  readonly instance: string;
  readonly pid: number;
  /** Folder of the Gateway's state: tells two Gateways on a machine apart. */
  readonly stateDir: string;
}

export const IDENTITY_PATH = '/.voice-call/identity';

/** A tunnel's client and a proxy knock from loopback too; what they bring along gives them away. */
const FORWARDED = /^(?:x-forwarded-|x-real-ip$|forwarded$|via$|cf-)/;

/** The answer to who asks on this machine who we are; null: it is another question, or a stranger's. */
export function identityReply(
  { method, path, headers }: RequestHead,
  peer: string | undefined,
  identity: Identity | undefined,
): WireReply | null {
  if (!identity || path !== IDENTITY_PATH || method !== 'GET') return null;
  if (!isLoopback(peer) || !isLoopback(hostOf(headers['host']))) return null;
  if (Object.keys(headers).some((name) => FORWARDED.test(name))) return null;
  return { status: 200, contentType: 'application/json', body: JSON.stringify({ voiceCall: identity }) };
}

/** What the answer of a port says; null when whoever answers is not one of us. */
export function readIdentity(body: string): Identity | null {
  try {
    const { instance, pid, stateDir } = (JSON.parse(body) as { voiceCall: Identity }).voiceCall;
    const isOne = typeof instance === 'string' && Number.isInteger(pid) && typeof stateDir === 'string';
    return isOne ? { instance, pid, stateDir } : null;
  } catch {
    return null;
  }
}

/** The address in a Host header. A name is none: who was sent here by a name came from elsewhere. */
function hostOf(header: string | undefined): string | undefined {
  return header?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
