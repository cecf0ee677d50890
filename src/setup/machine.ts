// Machine: what the telephone needs of the machine it runs on: its port, its public address, room to write.

import { isLoopbackHost } from '../config/address.ts';
import type { Settings } from '../config/settings.ts';
import type { VoiceCallError } from '../lib/errors.ts';
import { AT_ONCE_MS, type Check, type Finding, failed, fine, unchecked } from './check.ts';

/** What asking ourselves through the public address said; see reach/probe.ts. */
export type AddressVerdict =
  | { readonly ok: true; readonly webhookMs: number; readonly streamMs: number | null }
  | { readonly ok: false; readonly at: 'webhook' | 'stream'; readonly error: VoiceCallError };

export interface MachineDeps {
  readonly settings: Settings;
  /** The telephone as it runs; `why` says why it does not. */
  readonly telephone: () => Telephone | { readonly why: string };
  /** Null when nobody listens on this port; else who is in the way. */
  readonly inTheWay: (host: string, port: number) => Promise<VoiceCallError | null>;
  /** Null when the folder of the store can be written; else what is wrong with it. */
  readonly storeTrouble: () => Promise<VoiceCallError | null>;
  readonly health: () => readonly { readonly message: string; readonly cure: string }[];
}

export interface Telephone {
  /** Asks our own listener through the public address; null: it has none. */
  readonly probe: (() => Promise<AddressVerdict>) | null;
  /** Where the carrier reaches us; null for a carrier without network, and while the way in is closed. */
  readonly webhookUrl: string | null;
  /** Why nobody reaches us now. */
  readonly trouble?: VoiceCallError;
}

const PROBE_MS = 15_000;

export function machineChecks(deps: MachineDeps): readonly Check[] {
  const verdict = { asked: null as Promise<AddressVerdict> | null };
  const address = (judge: (verdict: AddressVerdict, url: string) => Finding): (() => Promise<Finding>) => {
    return () => throughAddress(deps, verdict, judge);
  };
  return [
    { id: 'port', withinMs: AT_ONCE_MS, run: () => port(deps) },
    { id: 'public-url-http', withinMs: PROBE_MS, run: address(overHttp) },
    { id: 'public-url-websocket', withinMs: PROBE_MS, run: address(overWebSocket) },
  ];
}

export function keepingChecks(deps: MachineDeps): readonly Check[] {
  return [
    { id: 'store', withinMs: AT_ONCE_MS, run: () => store(deps) },
    { id: 'health', withinMs: AT_ONCE_MS, run: () => health(deps) },
  ];
}

async function port({ settings, telephone, inTheWay }: MachineDeps): Promise<Finding> {
  const { bind, port: wanted } = settings.serve;
  if (settings.carrier.name === 'mock') return fine('not needed: the mock carrier is in this process');
  if (!('why' in telephone())) return fine(`port ${wanted} on ${bind} is ours`);
  const trouble = await inTheWay(bind, wanted);
  if (trouble) return failed(trouble.message, trouble.cure);
  return fine(`port ${wanted} on ${bind} is free`);
}

async function throughAddress(
  { settings, telephone }: MachineDeps,
  verdict: { asked: Promise<AddressVerdict> | null },
  judge: (verdict: AddressVerdict, url: string) => Finding,
): Promise<Finding> {
  if (settings.carrier.name === 'mock') return fine('not needed: the mock carrier is in this process');
  const running = telephone();
  if ('why' in running) return unchecked('the telephone does not run, so nobody could answer');
  const { probe, webhookUrl, trouble } = running;
  if (trouble) return judge({ ok: false, at: 'webhook', error: trouble }, '');
  if (probe === null || webhookUrl === null) return fine('not needed: the carrier is on this machine');
  if (isMadeUp(settings, webhookUrl)) return fine('not needed: the carrier is a simulator on this machine');
  verdict.asked ??= probe();
  return judge(await verdict.asked, webhookUrl);
}

/** A simulator knows by itself where a public address leads. */
function isMadeUp({ carrier }: Settings, webhookUrl: string): boolean {
  return carrier.name !== 'mock' && carrier.apiBaseUrl !== null && !isLoopbackHost(new URL(webhookUrl));
}

function overHttp(verdict: AddressVerdict, url: string): Finding {
  if (verdict.ok) return fine(`${url} leads to us, there and back in ${verdict.webhookMs} ms`);
  if (verdict.at === 'webhook') return failed(verdict.error.message, verdict.error.cure);
  return fine(`${url} leads to us`);
}

function overWebSocket(verdict: AddressVerdict): Finding {
  if (!verdict.ok) {
    if (verdict.at === 'webhook') return unchecked('the public address does not lead to us');
    return failed(verdict.error.message, verdict.error.cure);
  }
  if (verdict.streamMs === null) return fine('not needed: there are no media streams');
  return fine(`WebSockets get through, there and back in ${verdict.streamMs} ms`);
}

async function store({ storeTrouble }: MachineDeps): Promise<Finding> {
  const trouble = await storeTrouble();
  return trouble ? failed(trouble.message, trouble.cure) : fine('calls can be written down');
}

function health({ telephone, health: troubles, settings }: MachineDeps): Finding {
  const running = telephone();
  if (settings.enabled && 'why' in running) {
    return failed(
      `the telephone does not run: ${running.why}`,
      'Put right what the checks above say; it then starts by itself.',
    );
  }
  const [first, ...others] = troubles();
  if (!first) return fine('the telephone runs, and nothing is wrong with it');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return failed(`${first.message}${more}`, first.cure);
}
