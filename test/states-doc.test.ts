// docs/states.md says what the transition table does: not less, not more, not something older.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Phase } from '../src/call/call.ts';
import { deadlineReasons } from '../src/call/deadline.ts';
import { table } from '../src/call/transition.ts';
import { statesDoc, written } from '../tools/print-docs.ts';

const doc = written('docs/states.md');

function section(title: string): string {
  return doc.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

describe('docs/states.md', () => {
  it('is what the table prints: after a change run "npm run docs"', () => {
    assert.equal(doc, statesDoc());
  });

  it('names every event of every phase and no other', () => {
    for (const phase of Object.keys(table) as Phase[]) {
      const named = [...section(phase).matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
      assert.deepEqual(named, Object.keys(table[phase]), phase);
    }
  });

  it('gives every deadline its reason', () => {
    const deadlines = section('Deadlines');
    for (const [name, reason] of Object.entries(deadlineReasons)) {
      assert.ok(deadlines.includes(`| \`${name}\` | ${reason} |`), name);
    }
  });

  it('shows no way back: phases only lead on', () => {
    const order: Phase[] = ['dialing', 'ringing', 'live', 'ending', 'ended'];
    for (const phase of order) {
      for (const [event, row] of Object.entries(table[phase])) {
        assert.ok(row.to.length > 0, `${phase} ${event}`);
        for (const to of row.to)
          assert.ok(order.indexOf(to) >= order.indexOf(phase), `${phase} ${event} ${to}`);
      }
    }
  });
});
