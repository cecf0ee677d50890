// Voice: what the line plays to the person: speech and keys, one after another, until they are over or stopped.
import { pause } from '../pause.ts';
import type { TwinCall, World } from './call.ts';
import type { Heard } from './ledger.ts';

export interface Sound {
  readonly kind: Extract<Heard['kind'], 'say' | 'digits'>;
  readonly text: string;
  readonly ms: number;
}

export interface Audience {
  /** Something begins to be played, and nothing was before. */
  began(): void;
  hears(heard: Heard): void;
  /** Nothing is left to be played. */
  fellSilent(): void;
}

export class Voice {
  readonly #world: World;
  readonly #call: TwinCall;
  readonly #audience: Audience;
  #queue: Sound[] = [];
  #playing: AbortController | undefined;

  constructor(world: World, call: TwinCall, audience: Audience) {
    this.#world = world;
    this.#call = call;
    this.#audience = audience;
  }

  get isSilent(): boolean {
    return this.#playing === undefined;
  }

  /** Queues up behind what is being played. */
  play(sound: Sound): void {
    this.#queue.push(sound);
    if (this.#playing) return;
    this.#audience.began();
    this.#run().catch((error: unknown) =>
      this.#world.ledger.problem('unexpected', String(error), this.#call.id),
    );
  }

  /** `current`: the next in the queue begins at once. `all`: the queue is forgotten too. */
  stop(what: 'current' | 'all'): void {
    if (what === 'all') this.#queue = [];
    this.#playing?.abort(new Error('stopped'));
  }

  async #run(): Promise<void> {
    for (let sound = this.#queue.shift(); sound; sound = this.#queue.shift()) {
      this.#playing = new AbortController();
      await this.#sound(sound, AbortSignal.any([this.#playing.signal, this.#call.ended]));
    }
    this.#playing = undefined;
    if (this.#call.isAlive) this.#audience.fellSilent();
  }

  async #sound(sound: Sound, signal: AbortSignal): Promise<void> {
    const from = this.#world.clock.now();
    if (sound.kind === 'say') this.#call.report('call.speak.started');
    const isWhole = await pause(this.#world.clock, sound.ms, signal).then(
      () => true,
      () => false,
    );
    this.#heard(sound, from, isWhole);
    if (!this.#call.isAlive) this.#queue = [];
    if (sound.kind !== 'say') return;
    const status = isWhole ? 'completed' : 'cancelled';
    this.#call.report('call.speak.ended', { status: this.#call.isAlive ? status : 'call_hangup' });
  }

  /** The person hears it, whole or up to where it was cut. */
  #heard({ kind, text: whole, ms }: Sound, from: number, isWhole: boolean): void {
    const to = this.#world.clock.now();
    const text = isWhole ? whole : whole.slice(0, Math.floor((whole.length * (to - from)) / ms));
    if (isWhole || to > from) this.#audience.hears({ kind, text, whole, from, to, cut: !isWhole });
  }
}
