// Worklet: the thread of the browser's sound: hands out what the microphone hears, plays what it is given.
import { PlayQueue } from './play-queue.ts';
import type { FromWorklet, ToWorklet } from './worklet-messages.ts';

/** The browser hands over 128 samples at a time; so many of them are told at once: 10 ms or so. */
const BLOCKS = 4;
const BLOCK = 128;

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

class PhoneSound extends AudioWorkletProcessor {
  readonly #queue = new PlayQueue(sampleRate);
  #heard = new Float32Array(BLOCKS * BLOCK);
  #count = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => {
      if (data.kind === 'sound') this.#queue.push(data.samples);
      else if (data.kind === 'mark') this.#queue.mark(data.name);
      else this.#queue.clear();
    };
  }

  process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    if (input) this.#hear(input);
    const output = outputs[0]?.[0];
    if (output) for (const mark of this.#queue.fill(output)) this.#tell({ kind: 'played', mark });
    return true;
  }

  #hear(input: Float32Array): void {
    this.#heard.set(input.subarray(0, this.#heard.length - this.#count), this.#count);
    this.#count += input.length;
    if (this.#count < this.#heard.length) return;
    this.#tell({ kind: 'heard', samples: this.#heard });
    this.#heard = new Float32Array(BLOCKS * BLOCK);
    this.#count = 0;
  }

  #tell(message: FromWorklet): void {
    this.port.postMessage(message);
  }
}

registerProcessor('voice-call-phone', PhoneSound);
