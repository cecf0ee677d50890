// Bootstrap: installs what is missing (packages, Node 24), then runs one of our scripts with Node 24. Runs on Node 18 or later.
import { spawn } from 'node:child_process';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { Trouble } from './complaint.mjs';
import { installOnce, isReady, nodeToUse, root } from './install.mjs';

async function main() {
  refuseOldNode();
  const [script, ...args] = process.argv.slice(2);
  if (!script)
    throw new Trouble('No script was named.', 'Use: node tools/bootstrap.mjs <script.ts> [arguments]');
  if (!isReady()) await installOnce();
  return run(nodeToUse(), [path.resolve(root, script), ...args]);
}

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= 18) return;
  throw new Trouble(
    `Node ${process.versions.node} is too old to start with.`,
    'Install Node 18 or later (nodejs.org); Node 24 is then fetched into this folder by itself.',
  );
}

// Running the script

/** Runs the script to its end and gives back its exit code. */
function run(node, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: 'inherit',
    });
    passSignals(child);
    child.on('error', (error) =>
      reject(new Trouble(`Node 24 could not be started: ${error.message}`, cureForNode)),
    );
    child.on('close', (code, signal) => resolve(code ?? 128 + (osConstants.signals[signal] ?? 1)));
  });
}

const cureForNode = 'Delete the node_modules folder and run the command again.';

function passSignals(child) {
  let passedAtMs = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the script has it already, and npm sends it once more.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      if (Date.now() - passedAtMs < 500) return;
      passedAtMs = Date.now();
      child.kill(signal);
    });
  }
  // Killed npm tells nobody: the script would go on for ever, and with it a Gateway.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1_000).unref();
}

main().then(
  (code) => {
    process.exitCode = code;
    // The signal handlers must not keep a finished bootstrap alive.
    process.exit();
  },
  (error) => {
    if (error.detail) process.stderr.write(`${error.detail}\n\n`);
    process.stderr.write(`${error.message} ${error.cure ?? 'Please report this.'}\n`);
    process.exit(1);
  },
);
