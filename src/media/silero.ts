// Silero: how likely it is that somebody speaks, by the neural network Silero VAD v6 (its 8 kHz half, MIT licence).
// The network runs in WebAssembly made of tools/silero/silero.c; tools/silero/plain.ts says what it computes.
import type { SpeechModel } from './activity.ts';
import { FRAME_BYTES } from './frame.ts';
import { MULAW_SAMPLES } from './g711.ts';
import { SILERO_WASM } from './silero-wasm.ts';
import { SILERO_WEIGHTS } from './silero-weights.ts';
import { type WasmMemory, wasmOf } from './wasm.ts';

/** What silero.c offers; places are byte offsets in its memory. */
interface Exports {
  readonly memory: WasmMemory;
  constants(): number;
  samples(): number;
  state(): number;
  run(): number;
}

/** The one network of the thread: each caller brings a memory of its own for as long as a window takes. */
interface Network {
  readonly samples: Float32Array;
  readonly state: Float32Array;
  run(): number;
}

/** 32 ms: what the network looks at in one go. */
const WINDOW = 256;
/** What it sees of the time before, and once more mirrored behind the window. */
const CONTEXT = 32;
/** Values that it remembers from window to window. */
const STATE = 256;
/** The Fourier transform: 64 pairs of samples, and 65 bins in blocks of eight. */
const PAIRS = 64;
const BINS = 65;
const BLOCK = 8;
const BLOCKS = Math.ceil(BINS / BLOCK);
/** Measured on recorded speech (bench/dsp.ts): how long after a word begins and ends the network follows. */
const DELAY_MS = { begin: 40, end: 90 } as const;

/** Samples of mu-law between -1 and 1. */
const LEVELS = Float32Array.from(MULAW_SAMPLES, (sample) => sample / 32_768);

const newModule = wasmOf<Exports>(SILERO_WASM);
let network: Network | null = null;

/** The detector of one caller. The first one of a thread takes some milliseconds and 900 KB for the network. */
export function sileroModel(): SpeechModel {
  network ??= newNetwork();
  return new Silero(network);
}

class Silero implements SpeechModel {
  readonly delayMs = DELAY_MS;
  readonly #network: Network;
  readonly #state = new Float32Array(STATE);
  /** What was heard before, then what is not yet a whole window. */
  readonly #samples = new Float32Array(CONTEXT + WINDOW + FRAME_BYTES);
  readonly #window = this.#samples.subarray(0, CONTEXT + WINDOW);
  #filled = CONTEXT;
  #probability = 0;

  constructor(shared: Network) {
    this.#network = shared;
  }

  push(mulaw: Uint8Array): number {
    for (let i = 0; i < mulaw.length; i++)
      this.#samples[this.#filled++] = LEVELS[mulaw[i] as number] as number;
    if (this.#filled >= CONTEXT + WINDOW) {
      this.#probability = this.#look();
      this.#samples.copyWithin(0, WINDOW, this.#filled);
      this.#filled -= WINDOW;
    }
    return this.#probability;
  }

  #look(): number {
    const { samples, state } = this.#network;
    samples.set(this.#window);
    const last = CONTEXT + WINDOW - 1;
    for (let i = 1; i <= CONTEXT; i++) samples[last + i] = samples[last - i] as number;
    state.set(this.#state);
    const probability = this.#network.run();
    this.#state.set(state);
    return probability;
  }
}

function newNetwork(): Network {
  const module = newModule();
  const at = (place: number, length: number) => new Float32Array(module.memory.buffer, place, length);
  const parts = [hann(), transform(Math.cos), transform(Math.sin), weights()];
  const constants = at(
    module.constants(),
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let filled = 0;
  for (const part of parts) {
    constants.set(part, filled);
    filled += part.length;
  }
  return {
    samples: at(module.samples(), CONTEXT + WINDOW + CONTEXT),
    state: at(module.state(), STATE),
    run: module.run,
  };
}

function hann(): Float32Array {
  return Float32Array.from({ length: 2 * PAIRS }, (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * n) / PAIRS));
}

/** Sines or cosines of bin k at the n-th pair, from 1; in blocks of bins as silero.c wants its matrices. */
function transform(wave: (angle: number) => number): Float32Array {
  return Float32Array.from({ length: BLOCKS * BLOCK * PAIRS }, (_, at) => {
    const n = (Math.floor(at / BLOCK) % PAIRS) + 1;
    const k = Math.floor(at / (BLOCK * PAIRS)) * BLOCK + (at % BLOCK);
    return k < BINS ? wave((Math.PI * ((k * n) % (2 * PAIRS))) / PAIRS) : 0;
  });
}

/** Numbers of 16 bits (IEEE 754 binary16, without infinities) made numbers of 32. */
function weights(): Float32Array {
  const bytes = Buffer.from(SILERO_WEIGHTS, 'base64');
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    const bits = bytes.readUInt16LE(2 * i);
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    const size = exponent === 0 ? fraction : (1_024 + fraction) * (1 << (exponent - 1));
    // 2 to the -24 is the smallest of these numbers.
    values[i] = (bits & 0x8000 ? -size : size) / 16_777_216;
  }
  return values;
}
