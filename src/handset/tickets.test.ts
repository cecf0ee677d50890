// Tests of Tickets: good once, for half a minute, and only those we gave.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { Tickets } from './tickets.ts';

describe('a ticket', () => {
  it('is good once', () => {
    const tickets = new Tickets<string>(new HandClock());
    const { ticket } = tickets.give('a phone');
    assert.equal(tickets.take(`${ticket}x`), null);
    assert.equal(tickets.take(ticket), 'a phone');
    assert.equal(tickets.take(ticket), null);
  });

  it('is too old after half a minute, and forgotten', async () => {
    const clock = new HandClock();
    const tickets = new Tickets<string>(clock);
    const [early, late] = [tickets.give('early'), tickets.give('late')];
    assert.equal(early.expiresAt, clock.now() + 30_000);
    await clock.advance(29_999);
    assert.equal(tickets.take(early.ticket), 'early');
    await clock.advance(1);
    assert.equal(tickets.take(late.ticket), null);
    assert.equal(tickets.size, 0);
  });

  it('cannot be guessed: no two are alike, and they are long', () => {
    const tickets = new Tickets<string>(new HandClock());
    const given = Array.from({ length: 100 }, () => tickets.give('x').ticket);
    assert.equal(new Set(given).size, 100);
    assert.ok(given.every((ticket) => /^[\w-]{43}$/.test(ticket)));
  });
});
