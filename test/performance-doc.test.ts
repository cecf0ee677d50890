// docs/performance.md says what the last whole run of the benches measured: every row, and every limit that was missed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LATEST, PAGE, performanceDoc } from '../bench/page.ts';
import { isRowKept, isWhole, type Result } from '../bench/result.ts';
import { written } from '../tools/print-docs.ts';

const doc = written(PAGE);
const result = JSON.parse(written(LATEST)) as Result;
const NAMES = ['turn', 'realtime', 'webhooks', 'journal', 'gateway', 'media'];

describe(PAGE, () => {
  it('is what the last whole run printed: after a change run "npm run docs"', () => {
    assert.equal(doc, performanceDoc());
  });

  it('is from a run of everything', () => {
    assert.ok(isWhole(result, NAMES));
  });

  it('has a row for everything that was measured', () => {
    for (const { what } of result.rows) assert.ok(doc.includes(`| ${what}`), what);
  });

  it('says of every limit whether it is kept, and names what is missed before all else', () => {
    const [summary = '', ...sections] = doc.split(/^## (?=A turn)/m);
    const limited = result.rows.filter((row) => isRowKept(row) !== null);
    assert.ok(limited.length > 0);
    for (const row of limited) {
      const verdict = isRowKept(row) ? 'kept' : 'MISSED';
      const line = sections
        .join()
        .split('\n')
        .find((one) => one.startsWith(`| ${row.what} |`) || one.startsWith(`| ${row.what}, `));
      assert.ok(line?.includes(`| ${verdict}: `), `${row.what}: ${line}`);
      assert.equal(summary.includes(`- ${row.what}: p50`), verdict === 'MISSED', row.what);
    }
  });

  it('says so when the machine was not quiet', () => {
    assert.equal(doc.includes('the machine was not quiet'), result.loadBefore > 0.5);
  });
});
