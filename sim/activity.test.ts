// Activity: what keeps idle waiting, and what does not.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { Activity } from './activity.ts';
import { settle } from './hand-clock.ts';

it('idle waits for what is on its way, however many turns that takes', async () => {
  const activity = new Activity();
  const transit = activity.begin('a request');
  let isIdle = false;
  const idle = activity.idle().then(() => {
    isIdle = true;
  });
  await settle(500);
  assert.equal(isIdle, false);
  transit.settled();
  transit.settled();
  await idle;
});

it('idle waits for files being read in this process', async () => {
  let isRead = false;
  const reading = (async () => {
    for (let count = 0; count < 20; count++) await readFile(new URL(import.meta.url));
    isRead = true;
  })();
  await new Activity().idle(5);
  assert.equal(isRead, true);
  await reading;
});

it('idle starts over with every activity', async () => {
  const activity = new Activity();
  let turns = 0;
  const busy = (async () => {
    for (; turns < 100; turns++) {
      await settle(1);
      activity.touch();
    }
  })();
  await activity.idle(20);
  assert.equal(turns, 100);
  await busy;
});
