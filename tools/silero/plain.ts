// Plain: the network of silero.c once more in plain TypeScript, to be read, to test the other and to measure it by.

const BINS = 65;
const UNITS = 128;
/** 128 samples each 64 samples later, four times. */
const FRAMES = 4;

/** Takes 320 samples between -1 and 1; the probability of speech. Remembers what it heard before. */
export function plainNetwork(weights: Float32Array): (samples: Float32Array) => number {
  let at = 0;
  const take = (count: number): Float32Array => {
    at += count;
    return weights.subarray(at - count, at);
  };
  const matrix = (sizes: Sizes): Matrix => ({ ...sizes, weights: take(sizes.inputs * sizes.outputs) });
  const layer = ({ taps, stride, ...sizes }: Sizes & Pick<Layer, 'taps' | 'stride'>): Layer => ({
    taps,
    stride,
    matrices: taps.map(() => matrix(sizes)),
    bias: take(sizes.outputs),
  });
  const layers = [
    layer({ inputs: BINS, outputs: 128, block: 8, taps: [-1, 0, 1], stride: 1 }),
    layer({ inputs: 128, outputs: 64, block: 16, taps: [-1, 0, 1], stride: 2 }),
    layer({ inputs: 64, outputs: 64, block: 32, taps: [0, 1], stride: 2 }),
    layer({ inputs: 64, outputs: 128, block: 32, taps: [0], stride: 1 }),
  ];
  const gateMatrix = matrix({ inputs: 2 * UNITS, outputs: 4 * UNITS, block: 32 });
  const gateBias = take(4 * UNITS);
  const outWeights = take(UNITS);
  const outBias = take(1)[0] ?? 0;
  const hidden = new Float32Array(UNITS);
  const cell = new Float32Array(UNITS);
  return (samples) => {
    let frames = spectra(samples);
    for (const layer of layers) frames = convolved(frames, layer);
    remember(frames[0] as Float32Array);
    const sum = hidden.reduce(
      (total, value, i) => total + Math.max(0, value) * (outWeights[i] as number),
      outBias,
    );
    return sigmoid(sum);
  };

  function remember(input: Float32Array): void {
    const gates = Float32Array.from(gateBias);
    addProduct(gates, gateMatrix, Float32Array.of(...input, ...hidden));
    for (let i = 0; i < UNITS; i++) {
      const [letIn, keep, fresh, letOut] = [0, 1, 2, 3].map(
        (gate) => gates[gate * UNITS + i] as number,
      ) as Four;
      const value = sigmoid(keep) * (cell[i] as number) + sigmoid(letIn) * Math.tanh(fresh);
      cell[i] = value;
      hidden[i] = sigmoid(letOut) * Math.tanh(value);
    }
  }
}

type Four = [number, number, number, number];

interface Sizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly block: number;
}

/** [block of outputs][input][output of the block] */
interface Matrix extends Sizes {
  readonly weights: Float32Array;
}

interface Layer {
  readonly matrices: readonly Matrix[];
  readonly bias: Float32Array;
  /** Which frames are looked at, counted from the middle one. */
  readonly taps: readonly number[];
  readonly stride: number;
}

function addProduct(
  sums: Float32Array,
  { weights, inputs, outputs, block }: Matrix,
  values: Float32Array,
): void {
  for (let j = 0; j < outputs; j++) {
    const first = (j - (j % block)) * inputs + (j % block);
    let sum = sums[j] as number;
    for (let i = 0; i < inputs; i++) sum += (values[i] as number) * (weights[first + i * block] as number);
    sums[j] = sum;
  }
}

/** What is outside of the frames counts as zero. */
function convolved(
  frames: readonly Float32Array[],
  { matrices, bias, taps, stride }: Layer,
): readonly Float32Array[] {
  return Array.from({ length: Math.ceil(frames.length / stride) }, (_, k) => {
    const sums = Float32Array.from(bias);
    for (const [row, tap] of taps.entries()) {
      const frame = frames[k * stride + tap];
      if (frame) addProduct(sums, matrices[row] as Matrix, frame);
    }
    return sums.map((sum) => Math.max(0, sum));
  });
}

const COSINES = Float64Array.from({ length: 128 }, (_, i) => Math.cos((2 * Math.PI * i) / 128));

/** Magnitudes of four Fourier transforms over a Hann window. */
function spectra(samples: Float32Array): readonly Float32Array[] {
  return Array.from({ length: FRAMES }, (_, frame) => {
    const windowed = Float64Array.from(
      { length: 128 },
      (_, n) => (0.5 - 0.5 * cosine(n)) * (samples[frame * 64 + n] ?? 0),
    );
    return Float32Array.from({ length: BINS }, (_, k) => {
      let [real, imaginary] = [0, 0];
      for (let n = 0; n < 128; n++) {
        real += (windowed[n] as number) * cosine(k * n);
        imaginary += (windowed[n] as number) * cosine(k * n + 32);
      }
      return Math.hypot(real, imaginary);
    });
  });
}

function cosine(turns128: number): number {
  return COSINES[turns128 % 128] as number;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
