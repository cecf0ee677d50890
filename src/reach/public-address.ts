// PublicAddress: where the outside reaches us now, and where it did a while ago. Everything that names it asks here.
import type { StreamUrl } from '../carrier/carrier.ts';
import { type StreamPlace, streamBase, streamPrefix, streamUrls } from '../ingress/stream-token.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { VoiceCallError } from '../lib/errors.ts';

export interface AddressDeps {
  readonly clock: Clock;
  /** Where we are on this machine: `http://127.0.0.1:3334/voice/webhook`. */
  readonly localUrl: string;
  /** `serve.path`. */
  readonly servePath: string;
  /** Path of the media streams; null: there are none. */
  readonly streamPath: string | null;
  /** Signs the tokens of media streams. */
  readonly secret: Uint8Array;
  /** Ms a signature for an address we had is still good: as long as calls live that were told of it. */
  readonly graceMs: number;
}

interface Former {
  readonly url: string;
  readonly until: number;
}

type Listener = (address: PublicAddress) => void;

export class PublicAddress {
  /** Where media streams connect to, at the address of the moment; null: there are none. */
  readonly streamUrl: StreamUrl | null;
  readonly #deps: AddressDeps;
  readonly #listeners = new Set<Listener>();
  #url: string | null = null;
  #formers: readonly Former[] = [];
  #trouble: VoiceCallError | null = null;
  #cancel: Cancel = () => undefined;

  constructor(deps: AddressDeps) {
    this.#deps = deps;
    const { streamPath: path, secret } = deps;
    this.streamUrl =
      path === null ? null : (...asked) => streamUrls({ ...this.#placeOf(path), secret })(...asked);
  }

  /** Of the webhook, without query: the present one, or the last there was; our local one when there was never any. */
  get webhookUrl(): string {
    return this.#url ?? this.#deps.localUrl;
  }

  /** Of the media streams, without what stands behind their path; null: there are none. */
  get streamBase(): string | null {
    const { streamPath } = this.#deps;
    return streamPath === null ? null : streamBase(this.#placeOf(streamPath));
  }

  /** What a carrier may have signed, the present address first. Null: we have a local address only, and know no other. */
  get signed(): readonly string[] | null {
    if (this.#url === null) return this.#trouble === null ? null : [];
    const now = this.#deps.clock.now();
    const formers = this.#formers.filter(({ until }) => until > now).map(({ url }) => url);
    return [this.#url, ...formers.filter((url) => url !== this.#url)];
  }

  /** Why nobody reaches us now; null when somebody should. */
  get trouble(): VoiceCallError | null {
    return this.#trouble;
  }

  /** Throws what is in the way when no carrier could reach us: then no call is to be begun. */
  assertOpen(): void {
    if (this.#trouble) throw this.#trouble;
  }

  /** From now on we are reached at `url`. */
  moveTo(url: string): void {
    const isSame = this.#url === url && this.#trouble === null;
    if (isSame) return;
    if (this.#url !== null && this.#url !== url) this.#retire(this.#url);
    this.#url = url;
    this.#trouble = null;
    this.#tell();
  }

  /** Nobody reaches us until `moveTo`; calls in progress keep what they were told. */
  lose(trouble: VoiceCallError): void {
    this.#trouble = trouble;
    this.#tell();
  }

  /** Told after each change. */
  follow(listener: Listener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nothing is told any more. */
  close(): void {
    this.#listeners.clear();
    this.#cancel();
  }

  #placeOf(path: string): StreamPlace {
    const prefix = this.#url === null ? '' : streamPrefix(this.#url, this.#deps.servePath);
    return { base: this.webhookUrl, prefix, path };
  }

  #retire(url: string): void {
    const { clock, graceMs } = this.#deps;
    const now = clock.now();
    const others = this.#formers.filter((former) => former.until > now && former.url !== url);
    this.#formers = [{ url, until: now + graceMs }, ...others].slice(0, MAX_FORMERS);
    this.#cancel();
    this.#cancel = clock.at(now + graceMs, () => this.#tell());
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener(this);
  }
}

/** A tunnel that changes its address all the time does not make every signature cost more. */
const MAX_FORMERS = 4;
