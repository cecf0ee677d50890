// Silero: the 8 kHz half of Silero VAD v6 for one window of 32 ms, with the vectors of WebAssembly. plain.ts is the
// same in plain words. Everything stands in fixed places; who calls copies samples and memory in, and memory out.
#include <wasm_simd128.h>

typedef v128_t vec;

enum { HALF = 64, BINS = 72, UNITS = 128, GATES = 4 * UNITS, FRAMES = 4, SAMPLES = 320 };

// Written once by silero.ts: the tables of the Fourier transform, then the weights as silero-weights.ts has them.
// 65 bins are made 72 by zeros, to be whole blocks. A matrix stands in blocks of outputs: for each block, input after
// input, the weights of its outputs side by side; so it is read from its first number to its last, once per window.
static struct {
  float hann[128], cosines[HALF * BINS], sines[HALF * BINS];
  float spectrum[3 * 65 * 128], spectrum_bias[128];
  float second[3 * 128 * 64], second_bias[64];
  float third[2 * 64 * 64], third_bias[64];
  float fourth[64 * 128], fourth_bias[128];
  float gates[2 * UNITS * GATES], gates_bias[GATES];
  float out[UNITS], out_bias;
} constants __attribute__((aligned(16)));

// 32 samples from before, 256 new ones, and the last 32 mirrored.
static float samples[SAMPLES] __attribute__((aligned(16)));
// What the network remembers: the hidden values behind a place for its input, then the cells.
static struct { float input[UNITS], hidden[UNITS], cells[UNITS]; } memory __attribute__((aligned(16)));

__attribute__((export_name("constants"))) float *constants_at(void) { return (float *)&constants; }
__attribute__((export_name("samples"))) float *samples_at(void) { return samples; }
__attribute__((export_name("state"))) float *state_at(void) { return memory.hidden; }

static inline vec load(const float *at) { return wasm_v128_load(at); }
static inline void store(float *at, vec v) { wasm_v128_store(at, v); }

// Adds the product of each of `count` rows of `inputs` values, `in_step` apart, with the same matrix to its row of
// `outputs` values. A block has 32 / count outputs: its sums stay in eight registers. Whether a product is rounded before
// it is added is left to the machine: one that can do both at once takes two thirds of the time.
static inline __attribute__((always_inline)) void multiply(const float *in, int in_step, int count, const float *matrix,
    int inputs, int outputs, float *out, int out_step) {
  enum { SUMS = 8 };
  const int width = SUMS / count;
  for (int j = 0; j < outputs; j += 4 * width) {
    vec sums[SUMS];
    for (int p = 0; p < count; p++)
      for (int v = 0; v < width; v++) sums[p * width + v] = load(out + p * out_step + j + 4 * v);
    for (int i = 0; i < inputs; i++, matrix += 4 * width)
      for (int p = 0; p < count; p++) {
        const vec value = wasm_v128_load32_splat(in + p * in_step + i);
        for (int v = 0; v < width; v++)
          sums[p * width + v] = wasm_f32x4_relaxed_madd(value, load(matrix + 4 * v), sums[p * width + v]);
      }
    for (int p = 0; p < count; p++)
      for (int v = 0; v < width; v++) store(out + p * out_step + j + 4 * v, sums[p * width + v]);
  }
}

static inline void copy(float *to, const float *from, int count) {
  for (int i = 0; i < count; i += 4) store(to + i, load(from + i));
}

static inline void rectify(float *at, int count) {
  for (int i = 0; i < count; i += 4) store(at + i, wasm_f32x4_max(load(at + i), wasm_f32x4_splat(0)));
}

// e to the x: 2 to a whole number, which is an exponent, times a polynomial for the rest.
static inline vec exponential(vec x) {
  x = wasm_f32x4_min(wasm_f32x4_max(x, wasm_f32x4_splat(-87)), wasm_f32x4_splat(87));
  const vec whole = wasm_f32x4_nearest(wasm_f32x4_mul(x, wasm_f32x4_splat(1.44269504f)));
  vec rest = wasm_f32x4_sub(x, wasm_f32x4_mul(whole, wasm_f32x4_splat(0.693359375f)));
  rest = wasm_f32x4_add(rest, wasm_f32x4_mul(whole, wasm_f32x4_splat(2.12194440e-4f)));
  const float factors[] = {1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 0.5f, 1, 1};
  vec sum = wasm_f32x4_splat(factors[0]);
  for (int i = 1; i < 7; i++) sum = wasm_f32x4_add(wasm_f32x4_mul(sum, rest), wasm_f32x4_splat(factors[i]));
  const vec power = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(whole), wasm_i32x4_splat(127)), 23);
  return wasm_f32x4_mul(sum, power);
}

static inline vec sigmoid(vec x) {
  const vec one = wasm_f32x4_splat(1);
  return wasm_f32x4_div(one, wasm_f32x4_add(one, exponential(wasm_f32x4_neg(x))));
}

static inline vec hyperbolic(vec x) {
  const vec two = wasm_f32x4_splat(2);
  return wasm_f32x4_sub(wasm_f32x4_mul(two, sigmoid(wasm_f32x4_mul(two, x))), wasm_f32x4_splat(1));
}

// Magnitudes of four Fourier transforms of 128 samples, 64 apart. Samples as far before the middle as behind it meet
// the same cosine and opposite sines, so they are added and taken from each other first.
static void transform(float magnitudes[FRAMES][BINS]) {
  float even[FRAMES][HALF], odd[FRAMES][HALF], real[FRAMES][BINS], imaginary[FRAMES][BINS];
  for (int f = 0; f < FRAMES; f++) {
    const float *frame = samples + 64 * f;
    for (int n = 1; n < HALF; n++) {
      const float before = frame[n] * constants.hann[n], behind = frame[128 - n] * constants.hann[128 - n];
      even[f][n - 1] = before + behind;
      odd[f][n - 1] = before - behind;
    }
    even[f][HALF - 1] = frame[HALF] * constants.hann[HALF];
    odd[f][HALF - 1] = 0;
    for (int k = 0; k < BINS; k++) real[f][k] = imaginary[f][k] = 0;
  }
  multiply(even[0], HALF, FRAMES, constants.cosines, HALF, BINS, real[0], BINS);
  multiply(odd[0], HALF, FRAMES, constants.sines, HALF, BINS, imaginary[0], BINS);
  for (int f = 0; f < FRAMES; f++)
    for (int k = 0; k < BINS; k += 4) {
      const vec r = load(real[f] + k), i = load(imaginary[f] + k);
      store(magnitudes[f] + k, wasm_f32x4_sqrt(wasm_f32x4_add(wasm_f32x4_mul(r, r), wasm_f32x4_mul(i, i))));
    }
}

// Four layers of convolution over time: four frames become four, two, one and one; beside them is silence.
static void encode(void) {
  static float first[FRAMES + 2][BINS], second[FRAMES + 2][128], third[2][64], fourth[64];
  transform(first + 1);
  for (int f = 0; f < FRAMES; f++) copy(second[f + 1], constants.spectrum_bias, 128);
  for (int tap = 0; tap < 3; tap++)
    multiply(first[tap], BINS, FRAMES, constants.spectrum + tap * 65 * 128, 65, 128, second[1], 128);
  rectify(second[1], FRAMES * 128);
  for (int f = 0; f < 2; f++) copy(third[f], constants.second_bias, 64);
  for (int tap = 0; tap < 3; tap++)
    multiply(second[tap], 2 * 128, 2, constants.second + tap * 128 * 64, 128, 64, third[0], 64);
  rectify(third[0], 2 * 64);
  copy(fourth, constants.third_bias, 64);
  for (int tap = 0; tap < 2; tap++)
    multiply(third[tap], 0, 1, constants.third + tap * 64 * 64, 64, 64, fourth, 0);
  rectify(fourth, 64);
  copy(memory.input, constants.fourth_bias, 128);
  multiply(fourth, 0, 1, constants.fourth, 64, 128, memory.input, 0);
  rectify(memory.input, 128);
}

// The probability that somebody speaks, by the samples and the memory, which goes on by one window.
__attribute__((export_name("run"))) float run(void) {
  static float gates[GATES];
  encode();
  copy(gates, constants.gates_bias, GATES);
  multiply(memory.input, 0, 1, constants.gates, 2 * UNITS, GATES, gates, 0);
  vec sum = wasm_f32x4_splat(0);
  for (int i = 0; i < UNITS; i += 4) {
    const vec let_in = sigmoid(load(gates + i)), keep = sigmoid(load(gates + UNITS + i));
    const vec fresh = hyperbolic(load(gates + 2 * UNITS + i)), let_out = sigmoid(load(gates + 3 * UNITS + i));
    const vec cell = wasm_f32x4_add(wasm_f32x4_mul(keep, load(memory.cells + i)), wasm_f32x4_mul(let_in, fresh));
    const vec hidden = wasm_f32x4_mul(let_out, hyperbolic(cell));
    store(memory.cells + i, cell);
    store(memory.hidden + i, hidden);
    const vec rectified = wasm_f32x4_max(hidden, wasm_f32x4_splat(0));
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(rectified, load(constants.out + i)));
  }
  const float total = wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1) +
      wasm_f32x4_extract_lane(sum, 2) + wasm_f32x4_extract_lane(sum, 3);
  return wasm_f32x4_extract_lane(sigmoid(wasm_f32x4_splat(total + constants.out_bias)), 0);
}
