// Tests of Capsule: what a voice model is told about the agent, and what it never gets to see.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Log } from '../lib/log.ts';
import { type CapsuleDeps, capsule } from './capsule.ts';

let home = '';
let workspaceDir = '';
/** A file that is none. */
const socket = createServer();
const warned: string[] = [];
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (text, fields) => warned.push(`${text} ${JSON.stringify(fields)}`),
  error: () => undefined,
};

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'capsule-'));
  workspaceDir = join(home, 'workspace');
  await mkdir(join(workspaceDir, 'notes'), { recursive: true });
  await mkdir(join(home, 'workspace-of-another'));
  await writeFile(join(home, 'secret.md'), 'the secret');
  await writeFile(join(home, 'workspace-of-another', 'SOUL.md'), 'another soul');
  await writeFile(join(workspaceDir, 'SOUL.md'), 'Kind.\n');
  await writeFile(join(workspaceDir, 'USER.md'), 'Ada.\n');
  await writeFile(join(workspaceDir, 'notes', 'more.md'), 'More.');
  await writeFile(join(workspaceDir, 'long.md'), '🦞'.repeat(5_000));
  await symlink(join(home, 'secret.md'), join(workspaceDir, 'link.md'));
  await symlink(home, join(workspaceDir, 'up'));
  await symlink('SOUL.md', join(workspaceDir, 'inner.md'));
  await new Promise<void>((resolve) => socket.listen(join(workspaceDir, 'socket.md'), resolve));
});

after(async () => {
  socket.close();
  await rm(home, { recursive: true });
});

function told(files: readonly string[], more: Partial<CapsuleDeps['context']> = {}): Promise<string> {
  const context = { maxChars: 6_000, includeIdentity: true, files, ...more };
  const identity = {
    name: 'Molty',
    emoji: '🦞',
    vibe: 'calm\nand clear',
    avatar: '/secret/path',
    creature: 3,
  };
  warned.splice(0);
  return capsule({ log, context, agentId: 'main', workspaceDir, identity });
}

describe('what a voice model is told about the agent', () => {
  it('is its identity, and the files in their order', async () => {
    assert.equal(
      await told(['USER.md', 'SOUL.md', 'notes/more.md']),
      'Agent: main\nname: Molty\nemoji: 🦞\nvibe: calm and clear\n\nUSER.md:\nAda.\n\nSOUL.md:\nKind.\n\nnotes/more.md:\nMore.',
    );
  });

  it('is without what is switched off, and what is not there', async () => {
    assert.equal(await told(['NOT-THERE.md'], { includeIdentity: false }), 'Agent: main');
    assert.deepEqual(warned, []);
  });

  it('never comes from outside of the workspace, whatever the name or the link', async () => {
    const outside = [
      '../secret.md',
      join(home, 'secret.md'),
      'link.md',
      'up/secret.md',
      '../workspace-of-another/SOUL.md',
      '.',
      'notes',
      'socket.md',
    ];
    for (const file of outside) {
      assert.equal(await told([file], { includeIdentity: false }), 'Agent: main', file);
      assert.equal(warned.length, 1, file);
    }
    assert.match(await told(['inner.md']), /Kind\./);
  });

  it('is cut at its length, with a word about it, and never in the middle of a character', async () => {
    for (const maxChars of [200, 201, 6_000]) {
      const text = await told(['long.md', 'SOUL.md'], { maxChars });
      assert.ok(text.length <= maxChars && text.length > maxChars - 3);
      assert.ok(text.endsWith('\n[truncated]'));
      assert.ok(text.isWellFormed());
      assert.doesNotMatch(text, /Kind/);
    }
    assert.ok((await told(['SOUL.md'], { maxChars: 5 })).length <= 5);
    const whole = await told(['SOUL.md']);
    assert.equal(await told(['SOUL.md'], { maxChars: whole.length }), whole);
  });
});
