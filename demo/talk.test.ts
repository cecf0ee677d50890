// Tests of what the demo model says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoLines, replyTo } from './talk.ts';

const noon = new Date(2026, 0, 1, 12, 5);

describe('the demo model talks', () => {
  it('remembers the name, the errand and the first question over the three turns of the demo call', () => {
    const replies = demoLines.map((_, index) => replyTo(demoLines.slice(0, index + 1), noon));
    assert.deepEqual(replies, [
      'Hello Ada. The bakery on Mill Lane is open until six this evening, so there is time.',
      'Noted, Ada: buy two loaves of rye at the bakery on Mill Lane.',
      'You are Ada. First you asked: How late is the bakery on Mill Lane open today? ' +
        'And I am to remind you to buy two loaves of rye at the bakery on Mill Lane.',
    ]);
  });

  it('says so when there is nothing to remember yet', () => {
    assert.equal(replyTo(['What did I ask first?'], noon), 'You have not asked me anything before.');
    assert.equal(replyTo(['Do you know my name?'], noon), 'You have not told me your name yet.');
  });

  it('tells the time it was handed', () => {
    assert.equal(replyTo(['What time is it?'], noon), 'It is 12:05.');
  });

  it('says goodbye by name', () => {
    assert.equal(replyTo(['I am Grace.', 'Thank you, goodbye.'], noon), 'You are welcome, Grace. Goodbye!');
  });

  it('admits that it is only a demonstration when it has no rule', () => {
    assert.match(replyTo(['Tell me a joke.'], noon), /only the demonstration model/);
  });
});
