// Tests of the journal: what is committed is found again, by whom and in which order.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { settings } from '../../sim/core-call.ts';
import type { Call } from '../call/call.ts';
import { newInboundCall } from '../call/new-call.ts';
import { openJournal } from './journal.ts';

function call(id: string, at: number): Call {
  return newInboundCall({
    id,
    carrier: 'mock',
    asks: false,
    from: '+15550001111',
    to: '+15550002222',
    at,
    settings,
    carrierCallId: `carrier-${id}`,
    answerByMs: 1_000,
  });
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'voice-call-journal-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('The journal', () => {
  it('gives back exactly the call that was saved, by our id and by the carrier’s', (t) => {
    const journal = openJournal(folder(t));
    const saved = call('a', 1);
    journal.save(saved, { kind: 'began', at: 1 });
    assert.deepEqual(journal.find('a'), saved);
    assert.deepEqual(journal.find('carrier-a'), saved);
    assert.equal(journal.find('b'), null);
    journal.close();
  });

  it('keeps every step in order, and the latest state of the call', (t) => {
    const journal = openJournal(folder(t));
    journal.save(call('a', 1), { kind: 'began', at: 1 });
    journal.save({ ...call('a', 1), phase: 'live' }, { kind: 'answered', at: 2 });
    assert.deepEqual(
      journal.steps('a').map((step) => step.event),
      [
        { kind: 'began', at: 1 },
        { kind: 'answered', at: 2 },
      ],
    );
    assert.equal(journal.find('a')?.phase, 'live');
    journal.save(call('b', 3), { kind: 'began', at: 3 });
    journal.save({ ...call('a', 1), phase: 'live' }, { kind: 'rang', at: 4 });
    const [began, answered] = journal.steps('a', { after: 0, limit: 2 });
    assert.deepEqual([began?.event, answered?.at], [{ kind: 'began', at: 1 }, 2]);
    const rest = journal.steps('a', { after: answered?.seq ?? 0, limit: 9 });
    assert.deepEqual(
      rest.map(({ event }) => event),
      [{ kind: 'rang', at: 4 }],
    );
    assert.deepEqual([journal.lastStep('a'), journal.lastStep('nobody')], [rest.at(-1), null]);
    journal.close();
  });

  it('survives being closed and opened again, also for reading only', (t) => {
    const dir = folder(t);
    const first = openJournal(dir);
    first.save(call('a', 1), { kind: 'began', at: 1 });
    first.close();
    const second = openJournal(dir, { readOnly: true });
    assert.equal(second.find('a')?.id, 'a');
    assert.throws(() => second.save(call('b', 2), { kind: 'began', at: 2 }), { code: 'VC_STORE_FAILED' });
    second.close();
  });

  it('can be read while another process writes', (t) => {
    const dir = folder(t);
    const writer = openJournal(dir);
    const reader = openJournal(dir, { readOnly: true });
    writer.save(call('a', 1), { kind: 'began', at: 1 });
    assert.equal(reader.find('a')?.id, 'a');
    reader.close();
    writer.close();
  });

  it('lists open calls first, then the latest', (t) => {
    const journal = openJournal(folder(t));
    for (const [id, at] of [
      ['old', 1],
      ['new', 3],
    ] as const) {
      journal.save({ ...call(id, at), phase: 'ended' }, { kind: 'carrierEnded', at });
    }
    journal.save(call('open', 2), { kind: 'began', at: 2 });
    assert.deepEqual(
      journal.list(2).map((one) => one.id),
      ['open', 'new'],
    );
    assert.deepEqual(
      journal.open().map((one) => one.id),
      ['open'],
    );
    journal.close();
  });

  it('is read by nobody else, also in a folder that others may read', {
    skip: process.platform === 'win32',
  }, (t) => {
    const dir = folder(t);
    chmodSync(dir, 0o755);
    const journal = openJournal(dir);
    journal.save(call('a', 1), { kind: 'began', at: 1 });
    for (const file of readdirSync(dir)) assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600, file);
    assert.ok(readdirSync(dir).length > 1, 'with its log');
    journal.close();
  });

  it('gives out no cursor it does not take again, whatever an old file named and dated its calls', (t) => {
    const journal = openJournal(folder(t));
    journal.adopt(['two\nlines', 'b'].map((id) => ({ ...call(id, 8.64e15), phase: 'ended' as const })));
    const { calls, next } = journal.page({ limit: 1 });
    const rest = journal.page({ limit: 1, before: next ?? '' });
    assert.deepEqual(
      [...calls, ...rest.calls].map(({ id }) => id),
      ['two\nlines', 'b'],
    );
    journal.close();
  });

  it('lists calls page by page, and new calls shift no page', (t) => {
    const journal = openJournal(folder(t));
    const over = (id: string, at: number): void =>
      journal.save({ ...call(id, at), phase: 'ended' }, { kind: 'carrierEnded', at });
    for (const at of [1, 2, 2, 3, 4]) over(`${at}-${journal.list(9).length}`, at);
    for (const id of ['open-a', 'open-b']) journal.save(call(id, 9), { kind: 'began', at: 9 });
    const whole = journal.list(9).map(({ id }) => id);
    const seen: string[] = [];
    let before: string | undefined;
    for (let pages = 0; pages < 9; pages += 1) {
      const { calls, next } = journal.page({ limit: 2, before });
      seen.push(...calls.map(({ id }) => id));
      over(`new-${pages}`, 100 + pages);
      journal.save(call(`newly-open-${pages}`, 100 + pages), { kind: 'began', at: 100 });
      if (next === null) break;
      before = next;
    }
    // After the open calls come the ended ones, and with them those that are new; of all there were each comes once.
    assert.deepEqual(
      seen.filter((id) => whole.includes(id)),
      whole,
    );
    assert.equal(new Set(seen).size, seen.length);
    assert.throws(() => journal.page({ limit: 2, before: 'x' }), { code: 'VC_PARAM_INVALID' });
    journal.close();
  });

  it('lists only the calls that are asked for', (t) => {
    const journal = openJournal(folder(t));
    journal.save(call('in', 1), { kind: 'began', at: 1 });
    journal.save(
      { ...call('out', 2), direction: 'outbound', phase: 'ended' },
      { kind: 'carrierEnded', at: 2 },
    );
    const ids = (query: Omit<Parameters<typeof journal.page>[0], 'limit'>): string[] =>
      journal.page({ limit: 9, ...query }).calls.map(({ id }) => id);
    assert.deepEqual(ids({ state: 'open' }), ['in']);
    assert.deepEqual(ids({ state: 'ended' }), ['out']);
    assert.deepEqual(ids({ direction: 'inbound' }), ['in']);
    assert.deepEqual(ids({ state: 'open', direction: 'outbound' }), []);
    journal.close();
  });

  it('forgets calls that are over and too old, their steps sooner, and never an open one', (t) => {
    const journal = openJournal(folder(t));
    for (let at = 1; at <= 120; at += 1) {
      journal.save({ ...call(`over-${at}`, at), phase: 'ended' }, { kind: 'carrierEnded', at });
    }
    journal.save(call('open', 1), { kind: 'began', at: 1 });
    let rounds = 1;
    while (journal.forget({ callsBefore: 111, stepsBefore: 116 })) rounds += 1;
    assert.ok(rounds > 2, 'some at a time');
    assert.deepEqual(
      journal.list(99).map(({ id }) => id),
      ['open', ...[120, 119, 118, 117, 116, 115, 114, 113, 112, 111].map((at) => `over-${at}`)],
    );
    assert.deepEqual([journal.steps('over-115'), journal.steps('over-116').length], [[], 1]);
    assert.equal(journal.steps('open').length, 1);
    assert.equal(journal.forget({ callsBefore: null, stepsBefore: 116 }), false);
    assert.equal(journal.list(99).length, 11);
    journal.close();
  });

  it('gives a repeated webhook its first answer, until that is forgotten', (t) => {
    const journal = openJournal(folder(t));
    const reply = { status: 200, contentType: 'text/xml', body: '<Response/>' };
    journal.keepReply('key', reply, 10);
    journal.keepReply('key', { ...reply, body: 'another' }, 11);
    assert.deepEqual(journal.replyFor('key'), reply);
    journal.forgetReplies(11);
    assert.equal(journal.replyFor('key'), null);
    journal.close();
  });

  it('says what is wrong and where when the folder cannot be used', (t) => {
    const file = join(folder(t), 'a-file');
    writeFileSync(file, '');
    assert.throws(() => openJournal(join(file, 'below')), { code: 'VC_STORE_FAILED' });
  });
});
