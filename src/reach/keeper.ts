// Keeper: keeps a tunnel open while we run: opens it again when it dies, follows its address, looks whether it leads to us.
import { type Cancel, type Clock, wait } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Log } from '../lib/log.ts';
import type { ProbeVerdict } from './probe.ts';
import type { PublicAddress } from './public-address.ts';
import type { OpenTunnel, Tunnel } from './tunnel.ts';

export interface KeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly address: PublicAddress;
  readonly tunnel: Tunnel;
  /** Asks through the public address whether it leads to us. Never rejects. */
  readonly probe: () => Promise<ProbeVerdict>;
}

const OPEN_WITHIN_MS = 30_000;
/** Pauses before the next try; the last one for all that follow. */
const AGAIN_AFTER_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** A tunnel that lived so long was well: its death is the first one again. */
const WELL_MS = 60_000;
const LOOK_EVERY_MS = 60_000;
/** Once something is wrong, or not known yet, we look again soon. */
const LOOK_SOON_MS = 10_000;
/** One lost packet is no dead tunnel. */
const FAILED_LOOKS = 3;
const CLOSE_WITHIN_MS = 6_000;
const SUBJECT = 'tunnel';

/** One opening of the tunnel. News of an older one are no news. */
interface Opening {
  readonly tunnel: OpenTunnel;
  isOpen: boolean;
  openedAt: number;
  /** The public address led to us once: when it does not any more, the tunnel is what broke. */
  wasSeen: boolean;
  failedLooks: number;
}

export class Keeper {
  readonly #deps: KeeperDeps;
  readonly #first = Promise.withResolvers<void>();
  #opening: Opening | null = null;
  #deaths = 0;
  #cancel: Cancel = () => undefined;
  #isStopped = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** Begins. Resolves when it is open, or is not at the first try: then it is tried again, and health says why. */
  start(): Promise<void> {
    this.#open();
    return this.#first.promise;
  }

  /** Takes the tunnel down; nothing is opened after that. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#first.resolve();
    this.#close();
    this.#deps.health.forget(SUBJECT);
    await this.#closing;
  }

  #open(): void {
    if (this.#isStopped) return;
    const { tunnel } = this.#deps;
    const opening: Opening = {
      tunnel: tunnel.open({
        opened: (url) => this.#whenCurrent(opening, () => this.#opened(opening, url)),
        died: (why) => this.#whenCurrent(opening, () => this.#died(opening, why)),
      }),
      isOpen: false,
      openedAt: 0,
      wasSeen: false,
      failedLooks: 0,
    };
    this.#opening = opening;
    this.#in(OPEN_WITHIN_MS, () => this.#died(opening, this.#slow()));
  }

  #whenCurrent(opening: Opening, run: () => void): void {
    if (!this.#isStopped && this.#opening === opening) run();
  }

  #opened(opening: Opening, url: string): void {
    const { clock, log, health, address, tunnel } = this.#deps;
    const isMove = opening.isOpen;
    opening.isOpen = true;
    opening.openedAt = clock.now();
    opening.wasSeen = false;
    opening.failedLooks = 0;
    log.info(isMove ? 'the tunnel has another address' : 'the tunnel is open', { tunnel: tunnel.name, url });
    health.well(SUBJECT);
    address.moveTo(url);
    this.#first.resolve();
    this.#look(opening);
  }

  #died(opening: Opening, why: VoiceCallError): void {
    const { clock, log, health, address, tunnel } = this.#deps;
    if (opening.isOpen && clock.now() - opening.openedAt >= WELL_MS) this.#deaths = 0;
    const afterMs = AGAIN_AFTER_MS[Math.min(this.#deaths, AGAIN_AFTER_MS.length - 1)] ?? 0;
    this.#deaths += 1;
    health.trouble(SUBJECT, why);
    log.warn('opening the tunnel again', { tunnel: tunnel.name, deaths: this.#deaths, afterMs });
    address.lose(why);
    this.#close();
    this.#first.resolve();
    this.#in(afterMs, () => void this.#closing.then(() => this.#open()));
  }

  /** An opening that hangs while it is taken down is left behind. */
  #close(): void {
    const opening = this.#opening;
    this.#opening = null;
    if (opening === null) return;
    const { clock } = this.#deps;
    const done = new AbortController();
    const closed = opening.tunnel.close().finally(() => done.abort());
    this.#closing = Promise.race([closed, wait(clock, CLOSE_WITHIN_MS, done.signal).catch(() => undefined)]);
  }

  #look(opening: Opening): void {
    const { probe } = this.#deps;
    void probe().then((verdict) => this.#whenCurrent(opening, () => this.#looked(opening, verdict)));
    // Should the probe be lost, we look again all the same.
    this.#in(LOOK_EVERY_MS, () => this.#look(opening));
  }

  #looked(opening: Opening, verdict: ProbeVerdict): void {
    const { health, log, tunnel } = this.#deps;
    if (verdict.ok) {
      if (!opening.wasSeen) log.info('the public address leads to us', { tunnel: tunnel.name });
      opening.wasSeen = true;
      opening.failedLooks = 0;
      health.well(SUBJECT);
      this.#in(LOOK_EVERY_MS, () => this.#look(opening));
    } else this.#failedToLook(opening, verdict.error);
  }

  #failedToLook(opening: Opening, error: VoiceCallError): void {
    opening.failedLooks += 1;
    const isBroken = opening.failedLooks >= FAILED_LOOKS;
    if (isBroken && opening.wasSeen) {
      this.#died(opening, error);
      return;
    }
    // It may be that only we do not get out and in again: calls are not refused for it.
    if (isBroken) this.#deps.health.trouble(SUBJECT, error);
    this.#in(LOOK_SOON_MS, () => this.#look(opening));
  }

  #slow(): VoiceCallError {
    const why = `it did not open within ${OPEN_WITHIN_MS / 1_000} s`;
    const cure = 'Check the connection of this machine to the internet';
    return new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: this.#deps.tunnel.name, why, cure });
  }

  /** One timer at a time: what was planned before is not. */
  #in(afterMs: number, run: () => void): void {
    const { clock } = this.#deps;
    this.#cancel();
    this.#cancel = clock.at(clock.now() + afterMs, () => {
      if (!this.#isStopped) run();
    });
  }
}
