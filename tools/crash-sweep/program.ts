// Program: the process the sweep kills, bundled into one file, so that it starts in a moment.
import path from 'node:path';
import { build } from 'esbuild';

/** Writes the program into `folder`; its path. */
export async function victimProgram(folder: string): Promise<string> {
  const outfile = path.join(folder, 'victim.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'victim.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['bufferutil', 'utf-8-validate'],
    // Bundled CommonJS packages ask for node's own modules by require.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}
