// Tests of what is known of a call: steps, records and live news worked into one whole.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publicCall } from '../../sim/public-call.ts';
import type { PublicEntry } from '../call/public-view.ts';
import { type Detail, detailOf, livened, recorded, stepped } from './detail.ts';

const line = (text: string): PublicEntry => ({ timestamp: 1, speaker: 'user', text, isFinal: true });
const rang = { kind: 'rang', at: 5 } as const;
const levels = (at: number, caller: readonly number[]) =>
  ({ kind: 'levels', callId: 'call-1', at, caller, agent: caller.map(() => 0) }) as const;

describe('What is known of a call', () => {
  it('keeps the lines that came before those a step tells', () => {
    const whole = detailOf(publicCall({ transcript: ['a', 'b', 'c'].map(line) }));
    const call = publicCall({ transcript: [line('C'), line('d')], state: 'speaking' });
    const next = stepped(whole, { call, from: { transcript: 2, turns: 0 }, event: rang });
    assert.deepEqual(
      next.call.transcript.map(({ text }) => text),
      ['a', 'b', 'C', 'd'],
    );
    assert.equal(next.call.state, 'speaking');
    assert.deepEqual(
      next.events.map(({ at, event }) => ({ at, event })),
      [{ at: 5, event: rang }],
    );
  });

  it('has every step once, in order, whether it was told or is on record', () => {
    const call = publicCall();
    const told = stepped(detailOf(call), { call, from: { transcript: 0, turns: 0 }, event: rang });
    const all = recorded(told, [
      { seq: 1, at: 1, event: { kind: 'began', at: 1 } },
      { seq: 2, at: 5, event: { ...rang } },
      { seq: 3, at: 9, event: 'nonsense' },
      { seq: 4, at: 7, event: { kind: 'answered', at: 7 } },
    ]);
    assert.deepEqual(
      all.events.map(({ event }) => event.kind),
      ['began', 'rang', 'answered'],
    );
  });

  it('shows words while they are spoken, and not any more once they are in the transcript', () => {
    const call = publicCall();
    const words = { kind: 'words', callId: 'call-1', at: 1, speaker: 'user', text: 'hello wor' } as const;
    const heard = livened(detailOf(call), words);
    assert.deepEqual(heard.words, { user: 'hello wor', bot: '' });
    const from = { transcript: 0, turns: 0 };
    const other = stepped(heard, { call, from, event: rang });
    assert.equal(other.words.user, 'hello wor');
    const event = { kind: 'callerSaid', at: 6, text: 'hello world', turn: null } as const;
    assert.equal(stepped(heard, { call, from, event }).words.user, '');
  });

  it('joins levels, with silence for a short gap and a new beginning after a long one', () => {
    const start = livened(detailOf(publicCall()), levels(1_000, [1, 2]));
    const on = livened(start, levels(1_080, [3]));
    assert.deepEqual([on.levels?.from, on.levels?.caller], [1_000, [1, 2, 3]]);
    const gap = livened(on, levels(1_200, [4]));
    assert.deepEqual(gap.levels?.caller, [1, 2, 3, 0, 0, 4]);
    const anew = livened(gap, levels(999_000, [5]));
    assert.deepEqual([anew.levels?.from, anew.levels?.caller], [999_000, [5]]);
    const back = livened(gap, levels(500, [6]));
    assert.deepEqual(back.levels?.caller, [6]);
  });

  it('keeps two minutes of sound, and knows when the first of it was', () => {
    let detail: Detail = detailOf(publicCall());
    for (let i = 0; i < 4_000; i++) detail = livened(detail, levels(i * 40, [i % 100]));
    assert.equal(detail.levels?.caller.length, 3_000);
    assert.equal(detail.levels?.agent.length, 3_000);
    assert.equal(detail.levels?.from, 1_000 * 40);
  });

  it('keeps marks in their order', () => {
    const mark = (at: number, name: 'held' | 'cut') =>
      ({ kind: 'mark', callId: 'call-1', at, mark: name }) as const;
    const detail = livened(livened(detailOf(publicCall()), mark(1, 'held')), mark(2, 'cut'));
    assert.deepEqual(detail.marks, [
      { at: 1, mark: 'held' },
      { at: 2, mark: 'cut' },
    ]);
  });
});
