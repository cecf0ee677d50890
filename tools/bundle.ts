// Bundle: how our sources become files that run without node_modules: one for each way in, and what they share.
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/**
 * Commander can start programs as subcommands. We have none, and `openclaw security audit --deep` rightly asks why a
 * plugin starts programs: it gets nothing to start them with.
 */
const withoutLauncher: Plugin = {
  name: 'without-launcher',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: 'launcher', namespace: 'absent' }
        : null,
    );
    onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const OPTIONS = {
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    // A thread starts from a file of its own, beside the rest: src/line/thread.ts looks for it there.
    'line-worker': 'src/line/worker.ts',
    // `openclaw doctor` loads it by this name, without the plugin.
    'doctor-contract-api': 'src/config/doctor-contract.ts',
    'offline-worker': 'src/offline/worker.ts',
    'bin/voicecall': 'src/bin/voicecall.ts',
  },
  outdir: path.join(root, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // The last two are native helpers of ws, for whoever installed them; it does without.
  external: ['openclaw/*', 'bufferutil', 'utf-8-validate'],
  plugins: [withoutLauncher],
  metafile: true,
  legalComments: 'none',
  // Bundled CommonJS packages ask for node's own modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** The page of calls: what the Control UI loads, what a browser loads by itself, and the thread of the test phone's sound. */
const CONSOLE = {
  absWorkingDir: root,
  entryPoints: {
    native: 'src/console/native.tsx',
    page: 'src/console/page.tsx',
    worklet: 'src/console/phone/worklet.ts',
  },
  outdir: path.join(root, 'dist', 'console'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Bundles, and names the packages esbuild took code from, by its own account. */
export async function bundledPackages(
  changes: Pick<BuildOptions, 'entryPoints' | 'outdir' | 'write'>,
): Promise<readonly string[]> {
  const { metafile } = await build({ ...OPTIONS, ...changes });
  return packagesOf(metafile);
}

/** The same for the page of calls. */
export async function consolePackages(
  changes: Pick<BuildOptions, 'outdir' | 'write'>,
): Promise<readonly string[]> {
  const { metafile } = await build({ ...CONSOLE, ...changes });
  return packagesOf(metafile);
}

function packagesOf({ outputs }: Metafile): readonly string[] {
  return packagesIn(Object.values(outputs).flatMap((output) => Object.keys(output.inputs)));
}

function packagesIn(inputs: readonly string[]): readonly string[] {
  const names = inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(names)].sort();
}
