// Moonshine: English speech made text, by the model Moonshine tiny on sherpa-onnx in WebAssembly.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TOKEN_LIST } from './parts.ts';

/** What we use of sherpa-onnx 1.13.8. */
interface Sherpa {
  readonly OfflineRecognizer: new (config: object, module: object) => Recognizer;
}
interface Recognizer {
  createStream(): { acceptWaveform(sampleRate: number, samples: Float32Array): void; free(): void };
  decode(stream: object): void;
  getResult(stream: object): { readonly text?: unknown };
}

const SAMPLE_RATE = 16_000;

/** Loads it, about a second. Takes samples of 16 kHz from -1 to 1; gives what was understood, empty when nothing. */
export function moonshine(folder: string): (samples: Float32Array) => string {
  const require = createRequire(join(folder, 'package.json'));
  const module = {};
  // It fills `module` at once, whatever the promise it returns says.
  void (require(join(folder, 'sherpa-onnx-wasm-nodejs.cjs')) as (module: object) => Promise<object>)(module);
  const { OfflineRecognizer } = require(join(folder, 'sherpa-onnx-asr.cjs')) as Sherpa;
  const recognizer = new OfflineRecognizer(
    {
      featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
      modelConfig: {
        moonshine: { encoder: join(folder, 'encoder.onnx'), mergedDecoder: join(folder, 'decoder.onnx') },
        tokens: join(folder, TOKEN_LIST),
        numThreads: 1,
        provider: 'cpu',
        debug: 0,
      },
    },
    module,
  );
  return (samples) => {
    const stream = recognizer.createStream();
    try {
      stream.acceptWaveform(SAMPLE_RATE, samples);
      recognizer.decode(stream);
      const { text } = recognizer.getResult(stream);
      return typeof text === 'string' ? text.trim() : '';
    } finally {
      stream.free();
    }
  };
}
