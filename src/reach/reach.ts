// Reach: how the outside reaches us: by the configured address, by a tunnel, or from this machine only. Decided here.
import type { Settings } from '../config/settings.ts';
import type { TunnelSettings } from '../config/tunnel.ts';
import { type Clock, wait } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { Keeper } from './keeper.ts';
import { type Notes, NumberAddress } from './number-address.ts';
import { type ProbeVerdict, probePublicAddress } from './probe.ts';
import { PublicAddress } from './public-address.ts';
import { type LocalDoor, localAt, type Tunnel } from './tunnel.ts';

export interface ReachDeps {
  readonly settings: Pick<Settings, 'publicUrl' | 'tunnel' | 'serve' | 'maxDurationMs'>;
  /** What the listener got. */
  readonly port: number;
  /** Path of the media streams; null: there are none. */
  readonly streamPath: string | null;
  /** Signs the tokens of media streams and our own probes. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly health: Health;
  readonly tunnelFor: TunnelFor;
  readonly notes: Notes;
  /** Somebody may call us now. */
  readonly takesCalls: () => boolean;
}

/** Makes the tunnel that is configured. */
export type TunnelFor = (settings: TunnelSettings, door: LocalDoor) => Tunnel;

/** A call that was told of an address may live this much longer than it may last: it rings, and says goodbye. */
const RINGING_MS = 120_000;
/** The telephone starts without a tunnel that takes longer; it opens later. */
const START_WITHIN_MS = 5_000;

export class Reach {
  readonly address: PublicAddress;
  readonly #deps: ReachDeps;
  readonly #keeper: Keeper | null;
  readonly #number: NumberAddress | null;

  constructor(deps: ReachDeps) {
    const { settings, port, streamPath, secret, clock, log, health, tunnelFor } = deps;
    const { publicUrl, tunnel, serve } = settings;
    const at = localAt(serve.bind, port);
    this.#deps = deps;
    this.address = new PublicAddress({
      clock,
      localUrl: `http://${at}${serve.path}`,
      servePath: serve.path,
      streamPath,
      secret,
      graceMs: settings.maxDurationMs + RINGING_MS,
    });
    this.#keeper = null;
    this.#number = tunnel === null ? null : new NumberAddress({ ...deps, address: this.address });
    if (publicUrl !== null) this.address.moveTo(publicUrl);
    else if (tunnel !== null) {
      const way = tunnelFor(tunnel, { at, webhookPath: serve.path, streamPath });
      this.address.lose(beingOpened(way));
      const { address } = this;
      this.#keeper = new Keeper({ clock, log, health, address, tunnel: way, probe: () => this.probe() });
    }
  }

  /** Opens the tunnel, if there is one to open, and waits a moment for it. A tunnel that does not open is tried again. */
  async start(): Promise<void> {
    if (this.#keeper === null) return;
    const opened = new AbortController();
    const first = this.#keeper.start().finally(() => opened.abort());
    await Promise.race([
      first,
      wait(this.#deps.clock, START_WITHIN_MS, opened.signal).catch(() => undefined),
    ]);
  }

  /** Of our listener. */
  get port(): number {
    return this.#deps.port;
  }

  /** Whether the public address leads to us, by a round trip through it. */
  probe(): Promise<ProbeVerdict> {
    const { secret: key, clock, newId } = this.#deps;
    const { webhookUrl, streamBase } = this.address;
    return probePublicAddress({ webhookUrl, streamBase, key, clock, newId });
  }

  /** The carrier says that calls to our number lead to `webhookUrl`. */
  numberLeadsTo(webhookUrl: string): void {
    this.#number?.confirm(webhookUrl);
  }

  /** Takes the tunnel down; calls in progress keep what they were told. */
  async stop(): Promise<void> {
    this.#number?.stop();
    await this.#keeper?.stop();
    this.address.close();
  }
}

function beingOpened({ name }: Tunnel): VoiceCallError {
  const cure = 'Try again in a moment; "voicecall status" and the Gateway log say when it is open';
  return new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: name, why: 'it is being opened', cure });
}
