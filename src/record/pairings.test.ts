// Tests of the store of pairings: what was saved is there after a restart, and what was dropped is not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { emptyBook, type PairingBook } from '../call/pairing.ts';
import { openJournal } from './journal.ts';

it('a pairing book is found again after a restart, exactly as it was saved last', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'voice-call-pairings-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const first: PairingBook = {
    pairings: [
      { caller: '+15550001111', code: '012345', createdAt: 1, expiresAt: 600_001, toldAt: [1, 5] },
      { caller: '+15550002222', code: '999999', createdAt: 2, expiresAt: 600_002, toldAt: [2] },
    ],
    paired: [{ caller: '+15550003333', pairedAt: 3 }],
    wrongAt: [4, 6],
    lockedUntil: 7,
  };
  const last: PairingBook = { ...first, pairings: first.pairings.slice(1), wrongAt: [] };
  const journal = openJournal(dir);
  assert.deepEqual(journal.pairings.load(), emptyBook);
  journal.pairings.save(first);
  assert.deepEqual(journal.pairings.load(), first);
  journal.pairings.save(last);
  journal.close();

  const again = openJournal(dir);
  assert.deepEqual(again.pairings.load(), last);
  again.close();
});
