// Tests of the governor: nobody is called who may not be, and no day costs more than its owner allows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newCall } from '../../sim/core-call.ts';
import type { Call } from './call.ts';
import {
  LEAST_MS,
  mayPlace,
  type OutboundLimits,
  type Outlay,
  outlayOf,
  spentAt,
  type Wish,
} from './governor.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 1_800_000_000_000;
const ALICE = '+15550001234';
const limits: OutboundLimits = {
  maxCallsPerDay: 3,
  maxMinutesPerDay: 10,
  allowEmergencyNumbers: false,
  allowPremiumNumbers: false,
};
const wish: Wish = { to: ALICE, carrier: 'some', at: NOW, maxDurationMs: 5 * MINUTE };
let calls = 0;
const outlay = (changes: Partial<Outlay> = {}): Outlay => ({
  callId: `call-${++calls}`,
  carrier: 'some',
  to: '+15550009999',
  beganAt: NOW - HOUR,
  endedAt: NOW - HOUR,
  ms: 0,
  isVain: false,
  ...changes,
});
const ended = (changes: Partial<Call>): Outlay =>
  outlayOf({ ...newCall(), phase: 'ended', carrierCallId: 'CA1', endedAt: NOW, ...changes });

describe('The governor', () => {
  it('lets no call reach an emergency or a premium number unless that is allowed', () => {
    for (const [to, why, key] of [
      ['+1911', 'emergency', 'allowEmergencyNumbers'],
      ['+19005550000', 'premium', 'allowPremiumNumbers'],
    ] as const) {
      assert.deepEqual(mayPlace({ ...wish, to }, limits, []), { ok: false, why });
      assert.ok(mayPlace({ ...wish, to }, { ...limits, [key]: true }, []).ok);
    }
  });

  it('counts every call of 24 hours, and says when there is room again', () => {
    const past = [outlay({ endedAt: NOW - 3 * HOUR }), outlay(), outlay({ endedAt: null })];
    assert.deepEqual(mayPlace(wish, limits, past), { ok: false, why: 'calls', roomAt: NOW + 21 * HOUR });
    assert.ok(mayPlace(wish, limits, [...past.slice(1), outlay({ endedAt: NOW - DAY })]).ok);
    const open = [outlay({ endedAt: null }), outlay({ endedAt: null }), outlay({ endedAt: null })];
    assert.deepEqual(mayPlace(wish, limits, open), { ok: false, why: 'calls', roomAt: null });
  });

  it('gives a call no more than what is left of the minutes, in whole seconds', () => {
    const past = [outlay({ ms: 7 * MINUTE + 100 })];
    assert.deepEqual(mayPlace(wish, limits, past), { ok: true, maxDurationMs: 3 * MINUTE - 1_000 });
    assert.deepEqual(mayPlace(wish, { ...limits, maxMinutesPerDay: null }, past), {
      ok: true,
      maxDurationMs: 5 * MINUTE,
    });
    const full = [outlay({ ms: 9 * MINUTE + 40_000, endedAt: NOW - 2 * HOUR })];
    assert.deepEqual(mayPlace(wish, limits, full), { ok: false, why: 'minutes', roomAt: NOW + 22 * HOUR });
  });

  it('keeps the calls of the mock carrier apart: they cost nothing', () => {
    const played = [1, 2, 3].map(() => outlay({ carrier: 'mock', ms: HOUR }));
    assert.ok(mayPlace(wish, limits, played).ok);
    assert.ok(!mayPlace({ ...wish, carrier: 'mock' }, limits, played).ok);
    assert.ok(!mayPlace({ ...wish, carrier: 'other' }, limits, [outlay(), outlay(), outlay()]).ok);
  });

  it('leaves a number alone after three calls in vain, for ten minutes, and nobody else', () => {
    const vain = [9, 5, 1].map((ago) =>
      outlay({ to: ALICE, isVain: true, endedAt: NOW - ago * MINUTE, beganAt: NOW - ago * MINUTE }),
    );
    const free = { ...limits, maxCallsPerDay: null };
    assert.deepEqual(mayPlace(wish, free, vain), { ok: false, why: 'redial', roomAt: NOW + MINUTE });
    assert.ok(mayPlace({ ...wish, at: NOW + MINUTE }, free, vain).ok);
    assert.ok(mayPlace({ ...wish, to: '+15550007777' }, free, vain).ok);
    const reached = outlay({ to: ALICE, beganAt: NOW - 1_000, endedAt: NOW - 500 });
    assert.ok(mayPlace(wish, free, [...vain, reached]).ok);
  });

  it('is not opened by a clock that is set back', () => {
    const past = [1, 2, 3].map(() => outlay({ endedAt: NOW + 3 * HOUR, beganAt: NOW + 2 * HOUR }));
    assert.deepEqual(mayPlace(wish, limits, past), { ok: false, why: 'calls', roomAt: NOW + 27 * HOUR });
  });
});

describe('What a call takes', () => {
  it('is the longest it may last, until it is over; then what it lasted', () => {
    assert.equal(outlayOf(newCall({ maxDurationMs: 5 * MINUTE })).ms, 5 * MINUTE);
    assert.equal(outlayOf(newCall({ maxDurationMs: 5_000 })).ms, LEAST_MS);
    assert.equal(ended({ answeredAt: NOW - MINUTE, end: { reason: 'completed', cause: '' } }).ms, MINUTE);
    assert.equal(ended({ answeredAt: null, end: { reason: 'busy', cause: '' } }).ms, 0);
  });

  it('is the longest where nobody knows: an unconfirmed end, a clock that jumped', () => {
    assert.equal(ended({ answeredAt: NOW - 1, end: { reason: 'error', cause: '' } }).ms, 5 * MINUTE);
    assert.equal(ended({ answeredAt: NOW + HOUR, end: { reason: 'completed', cause: '' } }).ms, 5 * MINUTE);
    assert.equal(ended({ answeredAt: NOW - DAY, end: { reason: 'completed', cause: '' } }).ms, 5 * MINUTE);
  });

  it('is in vain when the phone rang and nobody took it, not when we gave up or the carrier refused', () => {
    assert.ok(ended({ end: { reason: 'no-answer', cause: '' } }).isVain);
    assert.ok(!ended({ end: { reason: 'hangup-bot', cause: '' } }).isVain);
    assert.ok(!ended({ end: { reason: 'failed', cause: '' }, carrierCallId: null }).isVain);
    assert.ok(!ended({ end: { reason: 'completed', cause: '' }, answeredAt: NOW }).isVain);
  });
});

describe('Any day of calls', () => {
  /** Somebody wants to call after a while; the clock may jump; a call lasts some share of what it may. */
  const attempt = fc.record({
    afterMs: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 * HOUR }) },
      { weight: 1, arbitrary: fc.integer({ min: -2 * DAY, max: 0 }) },
    ),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    isOpenFor: fc.integer({ min: 0, max: 3 }),
    maxDurationMs: fc.integer({ min: 1_000, max: HOUR }),
  });

  it('never begins a call beyond the budget, whatever is open, how long calls last and how the clock jumps', () => {
    fc.assert(
      fc.property(
        fc.array(attempt, { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 90 }),
        (attempts, maxCallsPerDay, maxMinutesPerDay) => {
          const day = new Day({ ...limits, maxCallsPerDay, maxMinutesPerDay });
          for (const one of attempts) day.attempt(one);
        },
      ),
      { numRuns: 400 },
    );
  });

  class Day {
    readonly #limits: OutboundLimits;
    #now = NOW;
    readonly #past: Outlay[] = [];
    #open: { outlay: Outlay; rounds: number; ms: number }[] = [];

    constructor(allowed: OutboundLimits) {
      this.#limits = allowed;
    }

    attempt(one: { afterMs: number; share: number; isOpenFor: number; maxDurationMs: number }): void {
      this.#now += one.afterMs;
      this.#end();
      const all = [...this.#past, ...this.#open.map(({ outlay: open }) => open)];
      const asked: Wish = { ...wish, at: this.#now, maxDurationMs: one.maxDurationMs };
      const before = spentAt(asked, all);
      const verdict = mayPlace(asked, this.#limits, all);
      if (verdict.ok) this.#begin(verdict.maxDurationMs, one);
      else
        this.#checkRefusal(
          verdict.why === 'calls' || verdict.why === 'minutes' ? verdict.roomAt : null,
          asked,
        );
      const after = spentAt(asked, [...this.#past, ...this.#open.map(({ outlay: open }) => open)]);
      const { maxCallsPerDay, maxMinutesPerDay } = this.#limits;
      assert.ok(after.calls <= Math.max(before.calls, maxCallsPerDay ?? 0));
      assert.ok(after.ms <= Math.max(before.ms, (maxMinutesPerDay ?? 0) * MINUTE), `${after.ms}`);
    }

    #begin(
      maxDurationMs: number,
      { isOpenFor, share, ...one }: { isOpenFor: number; share: number; maxDurationMs: number },
    ): void {
      assert.ok(maxDurationMs <= one.maxDurationMs && maxDurationMs > 0);
      const reserved = Math.max(LEAST_MS, maxDurationMs);
      const begun = outlay({ endedAt: null, beganAt: this.#now, ms: reserved });
      this.#open.push({ outlay: begun, rounds: isOpenFor, ms: reserved * share });
    }

    #end(): void {
      const over = this.#open.filter(({ rounds }) => rounds === 0);
      this.#past.push(...over.map(({ outlay: open, ms }) => ({ ...open, endedAt: this.#now, ms })));
      this.#open = this.#open
        .filter(({ rounds }) => rounds > 0)
        .map((open) => ({ ...open, rounds: open.rounds - 1 }));
    }

    /** The promise is kept: then, and no ms earlier, there is room. */
    #checkRefusal(roomAt: number | null, asked: Wish): void {
      if (roomAt === null) return;
      const all = [...this.#past, ...this.#open.map(({ outlay: open }) => open)];
      assert.ok(roomAt > asked.at);
      assert.ok(mayPlace({ ...asked, at: roomAt }, this.#limits, all).ok);
      assert.ok(!mayPlace({ ...asked, at: roomAt - 1 }, this.#limits, all).ok);
    }
  }
});
