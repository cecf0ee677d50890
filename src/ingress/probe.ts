// Probe: a question asked through the public address that only this process can answer, and its answer.
import { createHmac } from 'node:crypto';
import type { WireReply } from '../carrier/carrier.ts';
import { isSameSecret } from '../lib/secret.ts';
import { cleanPath } from './stream-token.ts';
import { type Gate, plain, type RequestHead, samePath } from './webhook.ts';

/** `GET <serve.path>?voicecall-probe=<nonce>` is answered with the answer as text. */
export const PROBE_PARAMETER = 'voicecall-probe';
/** `<streamPath>/probe/<nonce>` becomes a WebSocket that says the answer in one frame and closes. */
const PROBE_FOLDER = '/probe/';
/** 144 bits, whole base64url letters. */
const MAC_BYTES = 18;
const NONCE = /^([\w-]{1,64})\.([0-9a-z]{1,10})\.([\w-]{24})$/;

export interface Probe {
  /** Goes out with the question; worth nothing to whoever reads it on the way. */
  readonly nonce: string;
  /** What nobody but the process that asks can answer. */
  readonly answer: string;
}

/**
 * One question, answered until `expiresAt` (ms since the epoch) by whoever has `key`: the listener needs no list of
 * the questions under way, so it may be in another thread. `id` is what no other question has.
 */
export function newProbe(key: Uint8Array, id: string, expiresAt: number): Probe {
  const claim = `${id}.${Math.floor(expiresAt).toString(36)}`;
  const nonce = `${claim}.${mac(key, `ask|${claim}`)}`;
  return { nonce, answer: answerOf(key, nonce) };
}

/** The answer to a question of ours; null for a stranger's, and when it comes too late. `now` in ms since the epoch. */
export function answerTo(nonce: string, key: Uint8Array, now: number): string | null {
  const [, id = '', expiry = '', token = ''] = NONCE.exec(nonce) ?? [];
  if (id === '' || !isSameSecret(token, mac(key, `ask|${id}.${expiry}`))) return null;
  return Number.parseInt(expiry, 36) > now ? answerOf(key, nonce) : null;
}

/** The answer to a probe of the webhook's path; null when the request is none, and is then judged like all others. */
export function probeReply({ method, path }: RequestHead, gate: Gate, now: number): WireReply | null {
  const at = path.indexOf('?');
  if (gate.probeKey === undefined || method !== 'GET' || at === -1) return null;
  const nonce = new URLSearchParams(path.slice(at)).get(PROBE_PARAMETER);
  if (nonce === null || !samePath(path.slice(0, at), gate.path)) return null;
  const answer = answerTo(nonce, gate.probeKey, now);
  return answer === null ? null : plain(200, answer);
}

/** Where the stream path is asked. `base` is the address of the streams without what stands behind their path. */
export function probeOfStreams(base: string, { nonce }: Probe): string {
  return `${base}${PROBE_FOLDER}${nonce}`;
}

/** The nonce in the target of an upgrade; null when it is no probe of one of `paths`. */
export function nonceIn(target: string, paths: readonly string[]): string | null {
  const [asked = ''] = target.split('?', 1);
  const folders = paths.map((path) => `${cleanPath(path)}${PROBE_FOLDER}`);
  const folder = folders.find((start) => asked.startsWith(start));
  return folder === undefined ? null : asked.slice(folder.length);
}

function answerOf(key: Uint8Array, nonce: string): string {
  return `voice-call ${mac(key, `answer|${nonce}`)}`;
}

function mac(key: Uint8Array, text: string): string {
  const digest = createHmac('sha256', key).update(`probe|${text}`).digest();
  return digest.subarray(0, MAC_BYTES).toString('base64url');
}
