// Tests of the bundle: the line thread starts from its own file beside the rest, wherever that is put.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { startLineThread } from '../src/line/thread.ts';
import { bundledPackages, consolePackages } from './bundle.ts';

describe('The bundle', () => {
  it('starts the line thread far from node_modules, and knows what it took from there', async (t) => {
    const outdir = await mkdtemp(path.join(tmpdir(), 'voice-call-bundle-'));
    t.after(() => rm(outdir, { recursive: true, force: true }));
    const entryPoints = { index: 'src/line/thread.ts', 'line-worker': 'src/line/worker.ts' };
    assert.ok((await bundledPackages({ entryPoints, outdir })).includes('ws'));
    const bundled: { startLineThread: typeof startLineThread } = await import(
      pathToFileURL(path.join(outdir, 'index.js')).href
    );
    const complain = (text: string): never => assert.fail(text);
    const thread = await bundled.startLineThread({
      host: '127.0.0.1',
      port: 0,
      stream: {
        path: '/voice/stream',
        prefix: '',
        secret: new Uint8Array(32),
        limits: {
          maxConnections: 1,
          maxPendingConnections: 1,
          maxPendingConnectionsPerIp: 1,
          preStartTimeoutMs: 5_000,
        },
      },
      log: { debug: complain, info: complain, warn: complain, error: complain },
      onDeath: complain,
    });
    t.after(() => thread.stop());
    const { status } = await fetch(`http://127.0.0.1:${thread.listener.port}/voice/webhook`);
    assert.equal(status, 503, 'it listens, and nobody serves yet');
  });

  it('has the licence of every package it took code from, of the version it took', async () => {
    const packages = [
      ...(await bundledPackages({ write: false })),
      ...(await consolePackages({ write: false })),
      // Stands in our sources as bytes.
      'minimp3-wasm',
    ];
    const root = path.resolve(import.meta.dirname, '..');
    const versions = packages.map(async (name) => {
      const text = await readFile(path.join(root, 'node_modules', name, 'package.json'), 'utf8');
      return `${name} ${(JSON.parse(text) as { readonly version: string }).version}`;
    });
    const terms = await readFile(path.join(root, 'THIRD-PARTY.md'), 'utf8');
    const named = [...terms.matchAll(/^## (\S+ \d\S+) \(.+\)\n\n```text\n\S/gm)].map(([, name]) => name);
    assert.deepEqual(named.toSorted(), [...new Set(await Promise.all(versions))].toSorted());
  });

  it('has nothing to start programs with where only commander would', async (t) => {
    const outdir = await mkdtemp(path.join(tmpdir(), 'voice-call-bundle-'));
    t.after(() => rm(outdir, { recursive: true, force: true }));
    const packages = await bundledPackages({ entryPoints: { commander: 'commander' }, outdir });
    assert.ok(packages.includes('commander'));
    for (const file of await readdir(outdir)) {
      assert.doesNotMatch(
        await readFile(path.join(outdir, file), 'utf8'),
        /["'](node:)?child_process["']/,
        file,
      );
    }
  });
});
