// Tests of the store's file: a damaged one is set aside under a dated name, never lost, and never in the way of a start.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { Health } from '../lib/health.ts';
import { type Journal, openJournal } from './journal.ts';

const silent = (): void => undefined;

describe('A damaged store', () => {
  let dir: string;
  let file: string;
  let health: Health;

  beforeEach((t) => {
    dir = mkdtempSync(join(tmpdir(), 'voice-call-damage-'));
    file = join(dir, 'calls.sqlite');
    health = new Health(new HandClock(), { debug: silent, info: silent, warn: silent, error: silent });
    (t as TestContext).after(() => rmSync(dir, { recursive: true, force: true }));
  });

  /** A store with so many calls that they fill many pages. */
  function filled(calls: number): void {
    const journal = openJournal(dir);
    for (let n = 1; n <= calls; n += 1) save(journal, `call-${n}`);
    journal.close();
  }

  function save(journal: Journal, id: string): void {
    journal.save(someCall({ id, carrierCallId: `carrier-${id}` }), { kind: 'began', at: 1 });
  }

  function overwrite(at: number, bytes: number): void {
    writeSync(openSync(file, 'r+'), Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  }

  const kept = (): string[] =>
    readdirSync(dir).filter((name) => /^calls\.sqlite\.damaged-\d{4}-.*Z$/.test(name));
  const codes = (): string[] => health.troubles().map(({ code }) => code);

  it('that is no database at all is kept, and a new one begun', () => {
    writeFileSync(file, 'not a database, whatever its name says '.repeat(100));
    const journal = openJournal(dir, { health, repairs: true });
    save(journal, 'new');
    assert.deepEqual([journal.find('new')?.id, codes()], ['new', ['VC_STORE_DAMAGED']]);
    journal.close();
    const [name = ''] = kept();
    assert.match(readFileSync(join(dir, name), 'utf8'), /^not a database/);
    assert.match(health.troubles()[0]?.cure ?? '', new RegExp(name));
  });

  it('is left alone by whoever does not run the telephone', () => {
    writeFileSync(file, 'not a database, whatever its name says '.repeat(100));
    assert.throws(() => openJournal(dir), { code: 'VC_STORE_FAILED' });
    assert.deepEqual(kept(), []);
  });

  it('with a page of garbage in it gives up what can be read, and is opened without a word the next time', () => {
    filled(200);
    overwrite(Math.floor(statSync(file).size / 2 / 4096) * 4096, 4096);
    const journal = openJournal(dir, { health, repairs: true });
    assert.deepEqual([codes(), kept().length], [['VC_STORE_DAMAGED'], 1]);
    const found = journal.list(500).length;
    assert.ok(found > 50, `${found} calls of 200`);
    save(journal, 'new');
    journal.close();
    const again = new Health(new HandClock(), { debug: silent, info: silent, warn: silent, error: silent });
    openJournal(dir, { health: again, repairs: true }).close();
    assert.deepEqual([again.troubles(), kept().length], [[], 1]);
  });

  it('that was cut short is set aside', () => {
    filled(200);
    writeFileSync(file, readFileSync(file).subarray(0, 4096 * 5 + 17));
    const journal = openJournal(dir, { health, repairs: true });
    save(journal, 'new');
    assert.equal(journal.find('new')?.id, 'new');
    assert.deepEqual([codes(), kept().length], [['VC_STORE_DAMAGED'], 1]);
    journal.close();
  });

  it('whose log ends in garbage keeps every commit before it', () => {
    const journal = openJournal(dir);
    save(journal, 'call-1');
    // As after a death: the log was not folded into the store.
    for (const part of ['', '-wal']) writeFileSync(`${file}.copy${part}`, readFileSync(`${file}${part}`));
    journal.close();
    for (const part of ['', '-wal']) writeFileSync(`${file}${part}`, readFileSync(`${file}.copy${part}`));
    appendFileSync(`${file}-wal`, Buffer.alloc(5_000, 0xa5));
    const next = openJournal(dir, { health, repairs: true });
    assert.deepEqual([next.find('call-1')?.id, codes(), kept()], ['call-1', [], []]);
    save(next, 'call-2');
    assert.equal(next.find('call-2')?.id, 'call-2');
    next.close();
  });

  it('with one record that is no JSON leaves that one out, says so, and keeps it', () => {
    filled(3);
    const db = new DatabaseSync(file);
    db.exec(`UPDATE calls SET snapshot = '{"id":"call-2","pha' WHERE id = 'call-2'`);
    db.close();
    const journal = openJournal(dir, { health, repairs: true });
    assert.deepEqual(
      journal
        .open()
        .map(({ id }) => id)
        .toSorted(),
      ['call-1', 'call-3'],
    );
    assert.equal(journal.find('call-2'), null);
    assert.deepEqual([codes(), kept()], [['VC_CALLS_UNREADABLE'], []]);
    journal.close();
    const kepts = new DatabaseSync(file, { readOnly: true });
    assert.equal(kepts.prepare('SELECT id FROM unreadable_calls').get()?.['id'], 'call-2');
    kepts.close();
  });

  it('that cannot be opened for another reason is an error with the path, and stays where it is', () => {
    writeFileSync(join(dir, 'a-file'), '');
    const path = join(dir, 'a-file', 'calls');
    assert.throws(
      () => openJournal(path, { health, repairs: true }),
      (error: { code?: string; cure?: string }) => {
        assert.equal(error.code, 'VC_STORE_FAILED');
        assert.ok(error.cure?.includes(path));
        return true;
      },
    );
  });
});
