// Tests of the network: it computes what ONNX Runtime does with the same model, and it is what its source says.
// tools/silero/oracle.ulaw is two sentences of espeak-ng, the second in noise; oracle.json what the model says to it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { sileroWasm, WASM_HEAD } from '../../tools/silero/build.ts';
import { float16Of } from '../../tools/silero/float16.ts';
import oracle from '../../tools/silero/oracle.json' with { type: 'json' };
import { plainNetwork } from '../../tools/silero/plain.ts';
import { voiceActivity } from './activity.ts';
import { decodeMulaw } from './g711.ts';
import { sileroModel } from './silero.ts';
import { SILERO_WASM } from './silero-wasm.ts';
import { SILERO_WEIGHTS } from './silero-weights.ts';

const SOUND = new Uint8Array(readFileSync(new URL('../../tools/silero/oracle.ulaw', import.meta.url)));
const FRAME = 160;
const WINDOW = 256;

function framesOf(sound: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(sound.length / FRAME) }, (_, i) =>
    sound.subarray(i * FRAME, (i + 1) * FRAME),
  );
}

/** What a model says after each window: the frames of 160 end between the windows of 256. */
function heardBy(model = sileroModel()): readonly number[] {
  const probabilities: number[] = [];
  let looked = 0;
  for (const [i, frame] of framesOf(SOUND).entries()) {
    const probability = model.push(frame);
    if (Math.floor(((i + 1) * FRAME) / WINDOW) === looked) continue;
    looked += 1;
    probabilities.push(probability);
  }
  return probabilities;
}

function furthest(some: readonly number[], others: readonly number[]): number {
  assert.equal(some.length, others.length);
  return Math.max(...some.map((value, i) => Math.abs(value - (others[i] as number))));
}

function float16(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const size =
    exponent === 0 ? (bits & 0x3ff) * 2 ** -24 : (1 + (bits & 0x3ff) / 1_024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

describe('the network', () => {
  it('says what ONNX Runtime says with the same weights of 16 bits', () => {
    assert.ok(furthest(heardBy(), oracle.rounded) < 1e-5);
  });

  it('says nearly what the model as published says, and never decides otherwise', () => {
    const ours = heardBy();
    assert.ok(furthest(ours, oracle.asPublished) < 0.005);
    assert.deepEqual(
      ours.map((value) => value > 0.5),
      oracle.asPublished.map((value) => value > 0.5),
    );
  });

  it('is the one that plain.ts explains', () => {
    const bytes = Buffer.from(SILERO_WEIGHTS, 'base64');
    const network = plainNetwork(
      Float32Array.from({ length: bytes.length / 2 }, (_, i) => float16(bytes.readUInt16LE(2 * i))),
    );
    const samples = new Int16Array(SOUND.length);
    decodeMulaw(SOUND, samples);
    const plain = oracle.rounded.map((_, window) => {
      const at = (i: number) => (samples[window * WINDOW + i] ?? 0) / 32_768;
      return network(Float32Array.from({ length: 320 }, (_, i) => at(i < 288 ? i - 32 : 255 - (i - 287))));
    });
    assert.ok(furthest(plain, heardBy()) < 1e-5);
  });

  it('follows many callers at once, each as if alone', () => {
    const [one, other] = [sileroModel(), sileroModel()];
    const alone = heardBy();
    const frames = framesOf(SOUND);
    // The other hears something else between any two frames of the first.
    const between = {
      ...one,
      push: (frame: Uint8Array) => {
        other.push(frames[0] as Uint8Array);
        return one.push(frame);
      },
    };
    assert.deepEqual(heardBy(between), alone);
  });

  it('finds "yes", "please" and "stop, wait a moment", and nothing else', () => {
    const activity = voiceActivity({ sensitivity: 'medium', model: sileroModel() });
    const changes = framesOf(SOUND).flatMap((frame, i) => activity.push(frame, (i + 1) * 20) ?? []);
    assert.deepEqual(
      changes.map(({ isSpeaking }) => isSpeaking),
      [true, false, true, false, true, false],
    );
    // The first word begins 200 ms after the start and the last ends 800 ms before the end, where only noise is left.
    assert.ok(Math.abs((changes[0]?.at ?? 0) - 200) <= 60, `${changes[0]?.at}`);
    assert.ok(Math.abs((changes.at(-1)?.at ?? 0) - (SOUND.length / 8 - 800)) <= 200, `${changes.at(-1)?.at}`);
  });
});

describe('the files made by tools', () => {
  it('hold the module compiled from this silero.c', () => {
    const text = readFileSync(new URL('./silero-wasm.ts', import.meta.url), 'utf8');
    assert.ok(text.startsWith(WASM_HEAD.map((line) => `// ${line}\n`).join('')), 'run tools/silero/build.ts');
  });

  it('hold what the compiler gives, where it is installed', async () => {
    const text = await sileroWasm();
    if (text) assert.equal(text, readFileSync(new URL('./silero-wasm.ts', import.meta.url), 'utf8'));
    assert.deepEqual([...Buffer.from(SILERO_WASM, 'base64').subarray(0, 4)], [...Buffer.from('\0asm')]);
  });

  it('round to 16 bits and back', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      assert.equal(float16Of(float16(bits)), bits);
      assert.equal(float16Of(-float16(bits)), bits === 0 ? 0x8000 : bits | 0x8000);
    }
    assert.equal(float16(float16Of(1 + 3 / 4_096)), 1 + 4 / 4_096);
    assert.equal(float16(float16Of(1 + 2 / 4_096)), 1);
    assert.throws(() => float16Of(70_000), RangeError);
  });
});
