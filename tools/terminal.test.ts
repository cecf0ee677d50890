// Tests of what people see in the terminal.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { Terminal, Trouble, wrap } from './terminal.ts';

interface Look {
  readonly isTTY?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** What `use` writes to a screen that looks like this. */
async function written(
  { isTTY = false, env = {} }: Look,
  use: (terminal: Terminal) => unknown,
): Promise<string> {
  let text = '';
  await use(new Terminal({ isTTY, write: (part) => (text += part) }, env));
  return text;
}

describe('the terminal', () => {
  it('ticks a step off with the time it took', async () => {
    const text = await written({}, (terminal) => terminal.step('Pack', async () => 1));
    assert.match(text, /^ {2}✓ Pack +0\.0 s\n$/);
  });

  it('crosses out a step that failed, and lets the failure go on', async () => {
    const text = await written({}, async (terminal) => {
      await assert.rejects(
        terminal.step('Pack', () => Promise.reject(new Error('no'))),
        /no/,
      );
    });
    assert.match(text, /^ {2}✗ Pack/);
  });

  it('writes no escape to a file, and none but cursor moves to a screen without colours', async () => {
    const use = (terminal: Terminal): Promise<number> => terminal.step('Pack', async () => 1);
    const toFile = await written({}, use);
    assert.equal(toFile, stripVTControlCharacters(toFile));
    const green = '\u001b[32m';
    assert.ok(!(await written({ isTTY: true, env: { NO_COLOR: '1' } }, use)).includes(green));
    assert.ok((await written({ isTTY: true }, use)).includes(green));
  });

  it('tells a failure in one sentence with its cure, after the lines that help to understand it', async () => {
    const trouble = new Trouble('It did not start.', 'Try again.', { detail: 'port taken' });
    const text = await written({}, (terminal) => terminal.trouble(trouble));
    assert.equal(text, '\n    port taken\n\n  It did not start.\n  Try again.\n');
  });

  it('breaks lines between words', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('unbreakable', 3), ['unbreakable']);
  });
});
