// Tests of pairing: codes are told, expire, are approved once, and cannot be guessed or collected.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  approve,
  CODE_LASTS_MS,
  emptyBook,
  knock,
  MAX_CODE_CALLS,
  MAX_OPEN_CODES,
  openPairings,
  type PairingBook,
} from './pairing.ts';

const ALICE = '+15550001111';
const BOB = '+15550002222';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A book with a source of codes: 100001, 100002, ... */
class Desk {
  book: PairingBook = emptyBook;
  #codes = 100_000;

  calls(caller: string | null, at: number): string {
    const done = knock(this.book, caller, at, () => String(++this.#codes));
    this.book = done.book;
    if (done.knock.kind === 'paired') return 'paired';
    return done.knock.kind === 'code' ? done.knock.code : done.knock.why;
  }

  approves(code: string, at: number): string {
    const done = approve(this.book, code, at);
    this.book = done.book;
    return done.approval.kind === 'approved' ? done.approval.caller : done.approval.kind;
  }
}

describe('An unknown caller', () => {
  it('is told a code, is known once the owner approved it, and then needs none', () => {
    const desk = new Desk();
    assert.equal(desk.calls(ALICE, 0), '100001');
    assert.equal(desk.approves('100001', MINUTE), ALICE);
    assert.equal(desk.calls(ALICE, 2 * MINUTE), 'paired');
    assert.equal(desk.calls(BOB, 2 * MINUTE), '100002');
    assert.equal(desk.approves('100001', 3 * MINUTE), 'unknown');
  });

  it('who calls again within the time hears the same code; afterwards another', () => {
    const desk = new Desk();
    assert.equal(desk.calls(ALICE, 0), '100001');
    assert.equal(desk.calls(ALICE, CODE_LASTS_MS - 1), '100001');
    assert.equal(openPairings(desk.book, CODE_LASTS_MS - 1).length, 1);
    assert.equal(desk.calls(ALICE, CODE_LASTS_MS), '100002');
    assert.equal(desk.approves('100001', CODE_LASTS_MS), 'unknown');
  });

  it('hears a code three times an hour, then is plainly refused until the hour is over', () => {
    const desk = new Desk();
    for (let call = 0; call < MAX_CODE_CALLS; call += 1) desk.calls(ALICE, call * 15 * MINUTE);
    assert.equal(desk.calls(ALICE, 45 * MINUTE), 'too many calls for a pairing code');
    assert.match(desk.calls(ALICE, HOUR), /^1/);
  });

  it('without a number, or with something that is none, is refused', () => {
    const desk = new Desk();
    for (const caller of [null, '', 'anonymous', 'Restricted', '15550001111']) {
      assert.equal(desk.calls(caller, 0), 'the caller hides their number', String(caller));
    }
  });

  it('is refused while twenty others have a code', () => {
    const desk = new Desk();
    for (let n = 0; n < MAX_OPEN_CODES; n += 1) desk.calls(`+1555000${1000 + n}`, 0);
    assert.equal(desk.calls(ALICE, 1), 'too many pairing codes are open');
    assert.equal(desk.calls('+15550001000', 1), '100001');
    assert.match(desk.calls(ALICE, CODE_LASTS_MS), /^1/);
  });

  it('never gets a code somebody else has', () => {
    const codes = ['111111', '111111', '222222'];
    const first = knock(emptyBook, ALICE, 0, () => codes.shift() ?? '');
    const second = knock(first.book, BOB, 0, () => codes.shift() ?? '');
    assert.deepEqual(second.knock, { kind: 'code', code: '222222' });
    const stuck = knock(first.book, BOB, 0, () => '111111');
    assert.deepEqual(stuck.knock, { kind: 'refused', why: 'no pairing code is free' });
  });
});

describe('Approving', () => {
  it('an expired code is as good as none', () => {
    const desk = new Desk();
    desk.calls(ALICE, 0);
    assert.equal(desk.approves('100001', CODE_LASTS_MS), 'unknown');
  });

  it('is locked for ten minutes after five wrong codes within ten, also for the right one', () => {
    const desk = new Desk();
    desk.calls(ALICE, 0);
    for (let n = 0; n < 5; n += 1) assert.equal(desk.approves('000000', n * MINUTE), 'unknown');
    assert.equal(desk.approves('100001', 5 * MINUTE), 'locked');
    assert.equal(desk.approves('100001', 14 * MINUTE - 1), 'locked');
    assert.equal(desk.calls(ALICE, 14 * MINUTE), '100002');
    assert.equal(desk.approves('100002', 14 * MINUTE), ALICE);
  });

  it('forgives wrong codes that are ten minutes old', () => {
    const desk = new Desk();
    for (let n = 0; n < 4; n += 1) desk.approves('000000', n);
    assert.equal(desk.approves('000000', 10 * MINUTE + 4), 'unknown');
    desk.calls(ALICE, 10 * MINUTE + 4);
    assert.equal(desk.approves('100001', 10 * MINUTE + 5), ALICE);
  });
});

describe('Whatever callers and owners do', () => {
  const caller = fc.constantFrom(...Array.from({ length: 30 }, (_, n) => `+1555000${1000 + n}`), 'anonymous');
  const code = fc.integer({ min: 100_000, max: 100_060 }).map(String);
  const deed = fc.record({
    afterMs: fc.constantFrom(0, 1, MINUTE, 5 * MINUTE, 15 * MINUTE),
    deed: fc.oneof(
      { weight: 3, arbitrary: caller.map((who) => ({ calls: who })) },
      code.map((what) => ({ approves: what })),
    ),
  });

  function approvesOnlyToldCodes(desk: Desk, tried: string, at: number): void {
    const meant = openPairings(desk.book, at).find((pairing) => pairing.code === tried);
    const outcome = desk.approves(tried, at);
    if (outcome !== 'locked') assert.equal(outcome, meant?.caller ?? 'unknown');
  }

  function checkBook(book: PairingBook, at: number): void {
    const open = openPairings(book, at);
    assert.ok(open.length <= MAX_OPEN_CODES);
    assert.equal(new Set(open.map(({ code }) => code)).size, open.length);
    assert.equal(new Set(book.pairings.map(({ caller }) => caller)).size, book.pairings.length);
    assert.ok(book.pairings.every(({ toldAt }) => toldAt.length <= MAX_CODE_CALLS));
  }

  it('open codes are few and differ, each caller has at most one, and only told codes pair', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 150, size: 'max' }), (deeds) => {
        const desk = new Desk();
        let at = 0;
        for (const { afterMs, deed: done } of deeds) {
          at += afterMs;
          if ('calls' in done) desk.calls(done.calls, at);
          else approvesOnlyToldCodes(desk, done.approves, at);
          checkBook(desk.book, at);
        }
      }),
    );
  });
});
