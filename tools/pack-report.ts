// PackReport: `npm run pack`: puts the package beside package.json and says how large it is, packed, unpacked and installed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { type Installed, installed } from './installed.ts';
import { packPlugin } from './pack.ts';
import { Terminal } from './terminal.ts';

const root = path.resolve(import.meta.dirname, '..');
/** The optional peer a user may add; the other one, OpenClaw, is what we are installed into. */
const NGROK = `@ngrok/ngrok@${packageJson.peerDependencies['@ngrok/ngrok']}`;
const NAME_WIDTH = 26;

async function report(terminal: Terminal): Promise<void> {
  const packed = await terminal.step('Plugin built and packed', () => packPlugin(root));
  const alone = await terminal.step('Installed into an empty folder', () => installed([packed.tarball]));
  const withNgrok = await terminal
    .step('The same with ngrok', () => installed([packed.tarball, NGROK]))
    .catch(() => null);
  const bundled = bundledPackages();
  const rows = [
    ['files', `${packed.files.length}`],
    ['packed', megabytes(packed.bytes)],
    ['unpacked', megabytes(packed.unpackedBytes)],
    ['installed', sizeOf(alone)],
    [
      'installed with ngrok',
      withNgrok ? sizeOf(withNgrok) : 'not measured: the npm registry does not answer',
    ],
    ['runtime dependencies', `${alone.packages.length - 1}`],
    ['bundled into dist/', `${bundled.length}: ${bundled.join(', ')}`],
  ];
  terminal.line(`\n  ${terminal.style('bold', path.relative(process.cwd(), packed.tarball))}\n`);
  for (const [name = '', value] of rows) terminal.line(`  ${name.padEnd(NAME_WIDTH)}${value}`);
}

function sizeOf({ packages, bytes }: Installed): string {
  return `${megabytes(bytes)}, ${packages.length} ${packages.length === 1 ? 'package' : 'packages'}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/** As THIRD-PARTY.md lists them, which the build writes from what it bundled. */
function bundledPackages(): readonly string[] {
  const text = readFileSync(path.join(root, 'THIRD-PARTY.md'), 'utf8');
  return [...text.matchAll(/^## (\S+) (\d\S+) \(/gm)].map(([, name, version]) => `${name} ${version}`);
}

const terminal = new Terminal(process.stdout, process.env);
await report(terminal).catch((error: unknown) => {
  terminal.trouble(error);
  process.exitCode = 1;
});
