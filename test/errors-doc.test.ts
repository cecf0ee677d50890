// docs/errors.md says what the error table says, and every message is one a person can act on.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorTable } from '../src/lib/errors.ts';
import { errorsDoc, written } from '../tools/print-docs.ts';

const doc = written('docs/errors.md');
const root = new URL('../', import.meta.url);

function sources(): { readonly path: string; readonly text: string }[] {
  return readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: readFileSync(new URL(`src/${path}`, root), 'utf8') }));
}

describe('docs/errors.md', () => {
  it('is what the table prints: after a change run "npm run docs"', () => {
    assert.equal(doc, errorsDoc());
  });

  it('names every code once and no code that does not exist', () => {
    const named = [...doc.matchAll(/^## (\w+)$/gm)].map((match) => match[1]);
    assert.deepEqual(named, Object.keys(errorTable));
  });

  it('has a message and a cure for each, as sentences', () => {
    for (const [code, { message, cure }] of Object.entries(errorTable)) {
      assert.match(code, /^VC_[A-Z]+(_[A-Z]+)*$/);
      assert.match(message, /\w/, code);
      // What another program says is passed on with its own cure.
      if (cure === '{cure}') continue;
      assert.ok(/[A-Z]/.test(cure.charAt(0)) && cure.length > 15, `${code}: ${cure}`);
    }
  });

  it('has no code that nothing in src uses', () => {
    const others = sources().filter(({ path }) => path !== 'lib/errors.ts');
    const used = (code: string): boolean =>
      others.some(({ text }) => new RegExp(`['"]${code}['"]`).test(text)) || code === 'VC_INTERNAL';
    assert.deepEqual(
      Object.keys(errorTable).filter((code) => !used(code)),
      [],
    );
  });
});
