// Tests of HeardReplies: where the memory of a voice model is cut when the caller speaks over it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeardReplies } from './heard-replies.ts';

const MS = 8;

function setup() {
  const line = { heardMs: 0 };
  return { line, replies: new HeardReplies(() => line.heardMs) };
}

describe('what the caller has heard of the model', () => {
  it('is what the line says of the reply that came last', () => {
    const { line, replies } = setup();
    replies.sound('a', 1_000 * MS);
    line.heardMs = 420.7;
    replies.look(500);
    assert.deepEqual(replies.unfinished, [{ id: 'a', heardMs: 420 }]);
    replies.sound('a', 500 * MS);
    line.heardMs = 1_200;
    replies.look(1_300);
    assert.deepEqual(replies.unfinished, [{ id: 'a', heardMs: 1_200 }]);
  });

  it('is never more than there was', () => {
    const { line, replies } = setup();
    replies.sound('a', 100 * MS);
    line.heardMs = 5_000;
    replies.look(20);
    assert.deepEqual(replies.unfinished, [{ id: 'a', heardMs: 100 }]);
  });

  it('is nothing to be cut once a reply that is over was heard to its end', () => {
    const { line, replies } = setup();
    replies.sound('a', 100 * MS);
    replies.over('a');
    line.heardMs = 100;
    replies.look(20);
    assert.deepEqual(replies.unfinished, []);
  });

  it('goes on with time for a reply that plays while the next one waits', () => {
    const { line, replies } = setup();
    replies.sound('a', 1_000 * MS);
    replies.over('a');
    line.heardMs = 200;
    replies.look(400);
    line.heardMs = 300;
    replies.sound('b', 700 * MS);
    line.heardMs = 0;
    replies.look(600);
    assert.deepEqual(replies.unfinished, [
      { id: 'a', heardMs: 500 },
      { id: 'b', heardMs: 0 },
    ]);
    line.heardMs = 20;
    replies.look(1_120);
    assert.deepEqual(replies.unfinished, [{ id: 'b', heardMs: 20 }]);
  });

  it('is what the one who cut it says', () => {
    const { line, replies } = setup();
    replies.sound('a', 1_000 * MS);
    line.heardMs = 300;
    replies.look(400);
    replies.cut(280);
    assert.deepEqual(replies.unfinished, [{ id: 'a', heardMs: 280 }]);
    replies.clear();
    assert.deepEqual(replies.unfinished, []);
  });
});

describe('marks', () => {
  it('are acknowledged when the sound before them was heard, and not earlier', () => {
    const { line, replies } = setup();
    const acknowledged: string[] = [];
    replies.sound('a', 100 * MS);
    replies.mark(() => acknowledged.push('first'));
    replies.sound('a', 100 * MS);
    replies.mark(() => acknowledged.push('second'));
    line.heardMs = 99;
    replies.look(100);
    assert.deepEqual(acknowledged, []);
    line.heardMs = 100;
    replies.look(120);
    assert.deepEqual(acknowledged, ['first']);
    replies.over('a');
    line.heardMs = 200;
    replies.look(220);
    assert.deepEqual(acknowledged, ['first', 'second']);
  });

  it('of a reply that was passed over are acknowledged with it', () => {
    const { line, replies } = setup();
    const acknowledged: string[] = [];
    replies.sound('a', 1_000 * MS);
    replies.mark(() => acknowledged.push('a'));
    replies.over('a');
    replies.sound('b', 100 * MS);
    line.heardMs = 20;
    replies.look(40);
    assert.deepEqual(acknowledged, ['a']);
  });

  it('of what nobody will hear are forgotten, and without any sound there is nothing to wait for', () => {
    const { line, replies } = setup();
    const acknowledged: string[] = [];
    replies.sound('a', 100 * MS);
    replies.mark(() => acknowledged.push('void'));
    replies.cut(100);
    replies.clear();
    replies.sound('b', 100 * MS);
    line.heardMs = 50;
    replies.look(200);
    replies.clear();
    replies.mark(() => acknowledged.push('free'));
    assert.deepEqual(acknowledged, ['free']);
  });
});
