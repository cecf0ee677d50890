// Build: compiles silero.c and writes src/media/silero-wasm.ts. Only after a change of silero.c, by hand:
//   npm install --no-save @yowasp/clang@22.0.0-git20542-10 && node tools/silero/build.ts
// The compiler is itself WebAssembly, so it gives the same bytes on every machine.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { base64Module } from './base64-module.ts';

const COMPILER = '@yowasp/clang';
const OPTIONS = [
  ...[
    '--target=wasm32',
    '-O3',
    '-msimd128',
    '-mrelaxed-simd',
    '-ffreestanding',
    '-fno-builtin',
    '-nostdlib',
    '-Wall',
    '-Wextra',
  ],
  ...['-Wl,--no-entry', '-Wl,--strip-all', '-Wl,-z,stack-size=32768'],
];
const SOURCE = readFileSync(new URL('silero.c', import.meta.url), 'utf8');
const RESULT = new URL('../../src/media/silero-wasm.ts', import.meta.url);

interface Compiler {
  readonly commands: {
    readonly clang: (
      options: readonly string[],
      files: object,
    ) => Promise<Readonly<Record<string, Uint8Array>>>;
  };
}

/** What src/media/silero-wasm.ts begins with: it names the source, so that a change that was not compiled is seen. */
export const WASM_HEAD = [
  'Silero wasm: tools/silero/silero.c as tools/silero/build.ts compiled it, as base64.',
  `SHA-256 of the source: ${createHash('sha256').update(SOURCE).digest('hex')}`,
];

/** The text of src/media/silero-wasm.ts; null where the compiler is not installed. */
export async function sileroWasm(): Promise<string | null> {
  const compiler = await import(COMPILER).then(
    (found: Compiler) => found,
    () => null,
  );
  if (!compiler) return null;
  const files = { 'silero.c': SOURCE };
  const bytes = (await compiler.commands.clang([...OPTIONS, 'silero.c', '-o', 'silero.wasm'], files))[
    'silero.wasm'
  ];
  if (!bytes) throw new Error('the compiler gave nothing');
  return base64Module({ name: 'SILERO_WASM', head: WASM_HEAD, bytes });
}

if (import.meta.main) {
  const text = await sileroWasm();
  if (!text) throw new Error(`${COMPILER} is not installed: see the first lines of this file`);
  writeFileSync(RESULT, text);
}
