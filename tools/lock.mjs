// Lock: one installer at a time, also when one of them died. Runs on Node 18 or later.
import fs from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { explain, Trouble } from './complaint.mjs';

/** A cold install took about a minute; a slow line may need many. Nobody waits longer than this for another's. */
export const INSTALL_LIMIT_MS = 30 * 60_000;
/** An installer touches its lock every 5 s; one untouched this long belongs to a process that died. */
const LOCK_STALE_MS = 60_000;

/** Runs `work` while no other process holds the lock, waiting for it if need be. */
export async function underLock(lockFile, work) {
  fs.mkdirSync(path.dirname(lockFile), { recursive: true });
  await takeLock(lockFile, Date.now() + INSTALL_LIMIT_MS);
  const beating = setInterval(() => fs.utimes(lockFile, new Date(), new Date(), () => undefined), 5000);
  const letGo = () => fs.rmSync(lockFile, { force: true });
  process.once('exit', letGo);
  const leave = (signal) => process.exit(128 + osConstants.signals[signal]);
  process.once('SIGINT', leave).once('SIGTERM', leave).once('SIGHUP', leave);
  try {
    await work();
  } finally {
    clearInterval(beating);
    letGo();
    process.off('exit', letGo).off('SIGINT', leave).off('SIGTERM', leave).off('SIGHUP', leave);
  }
}

async function takeLock(lockFile, untilMs) {
  let isTold = false;
  while (!tryLock(lockFile)) {
    const holder = read(lockFile);
    if (isAbandoned(lockFile, holder)) {
      breakLock(lockFile, holder);
      continue;
    }
    if (Date.now() > untilMs) {
      throw new Trouble(
        `Process ${holder} has been installing for too long.`,
        'End it, then run the command again.',
      );
    }
    if (!isTold) process.stderr.write(`Another start is installing (process ${holder}); waiting for it …\n`);
    isTold = true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function tryLock(lockFile) {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw explain(`${error.code}: ${error.message}`);
  }
}

function isAbandoned(lockFile, holder) {
  try {
    if (Date.now() - fs.statSync(lockFile).mtimeMs > LOCK_STALE_MS) return true;
    // An empty lock is being written just now.
    if (holder) process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Moves an abandoned lock away; if another process took it meanwhile, puts theirs back. */
function breakLock(lockFile, holder) {
  const aside = `${lockFile}.${process.pid}`;
  try {
    fs.renameSync(lockFile, aside);
    if (read(aside) !== holder) fs.linkSync(aside, lockFile);
    fs.rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

/** The text of a file; empty when there is none. */
export function read(file) {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
