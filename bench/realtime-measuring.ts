// RealtimeMeasuring: what both sides of the realtime bench share: models that speak in turn, and frames that are timed.
import { machineMs, spreadOf } from './figures.ts';
import type { Target } from './media-wire.ts';
import {
  FIRST,
  FRAME_MS,
  type FromHouse,
  LATER,
  notTooLate,
  stamped,
  stampOf,
  type ToHouse,
} from './realtime-wire.ts';

export const GREETING_FRAMES = 25;
/** A model speaks for 200 ms at the pace of speech, and is silent for 200. */
const REPLY_FRAMES = 10;
/** Not all models speak at once. */
const SLOTS = 5;
const SLOT_MS = FRAME_MS / SLOTS;

/** Where a model's replies go; they are numbered. */
export interface Mouth {
  sound(reply: number, frame: Uint8Array): void;
  over(reply: number): void;
}

/** Does what the bench asks of a process that stands between the carrier and the models. */
export class Measuring {
  readonly #models: { readonly mouth: Mouth; frames: number }[] = [];
  readonly #target: () => Promise<Target>;
  readonly #onLeave: () => void;
  readonly #beganAt = machineMs();
  #slot = 0;
  #delays: number[] | null = null;

  /** `target` makes one more call to connect to. */
  constructor(target: () => Promise<Target>, onLeave: () => void = () => undefined) {
    this.#target = target;
    this.#onLeave = onLeave;
    process.on('message', (message: ToHouse) => void this.#take(message));
    process.on('disconnect', () => process.exit());
    this.#run();
    tell({ kind: 'ready' });
  }

  /** A frame of the caller is with the model. */
  hear(mulaw: Uint8Array): void {
    this.#delays?.push(machineMs() - stampOf(mulaw).at);
  }

  /** One more model speaks from now on. */
  speak(mouth: Mouth): void {
    this.#models.push({ mouth, frames: 0 });
  }

  /** The slots, one after the other, counted from the beginning: nothing adds up. */
  #run(): void {
    this.#slot = notTooLate(this.#slot, this.#beganAt, SLOT_MS);
    for (let left = SLOTS; left > 0 && this.#beganAt + this.#slot * SLOT_MS <= machineMs(); left--) {
      for (let index = this.#slot % SLOTS; index < this.#models.length; index += SLOTS) this.#frame(index);
      this.#slot++;
    }
    setTimeout(() => this.#run(), Math.max(0, this.#beganAt + this.#slot * SLOT_MS - machineMs()));
  }

  #frame(index: number): void {
    const model = this.#models[index];
    if (!model) return;
    const reply = Math.floor(model.frames / (2 * REPLY_FRAMES));
    const at = model.frames++ % (2 * REPLY_FRAMES);
    if (at < REPLY_FRAMES) model.mouth.sound(reply, stamped(machineMs(), at === 0 ? FIRST : LATER));
    else if (at === REPLY_FRAMES) model.mouth.over(reply);
  }

  async #take(message: ToHouse): Promise<void> {
    switch (message.kind) {
      case 'more': {
        const targets: Target[] = [];
        while (targets.length < message.count) targets.push(await this.#target());
        tell({ kind: 'targets', targets });
        break;
      }
      case 'measure': {
        const delays: number[] = [];
        this.#delays = delays;
        const cpu = process.threadCpuUsage();
        await new Promise((resolve) => setTimeout(resolve, message.ms));
        const { user, system } = process.threadCpuUsage(cpu);
        this.#delays = null;
        tell({ kind: 'heard', heard: spreadOf(delays), mainLoad: (user + system) / 1_000 / message.ms });
        break;
      }
      case 'leave':
        this.#onLeave();
        process.exit();
    }
  }
}

function tell(message: FromHouse): void {
  process.send?.(message);
}
