// The times of a turn: each stage once, told once, of the answer and not of what was said around it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCall } from '../../sim/core-call.ts';
import type { Call, TurnStages } from '../call/call.ts';
import { TurnTimer } from './turn-timer.ts';

/** A call in its turn `turn`, saying these. */
function saying(turn: number, ...texts: readonly string[]): Call {
  const [first = '', ...rest] = texts.map((text, index) => ({
    utterance: { id: `u${index + 1}`, text, digits: null, requestId: null },
    after: { kind: 'idle' as const },
  }));
  return {
    ...newCall({ stream: true }),
    phase: 'live',
    stream: { n: 1, state: 'open', expiresAt: 0 },
    floor: first === '' ? { kind: 'idle' } : { kind: 'speaking', ...first },
    queue: rest,
    turns: [{ turn, listenedFromAt: 0, saidAt: 0, repliedAt: null }],
  };
}

function timed(): { timer: TurnTimer; told: (readonly [number, TurnStages])[] } {
  const told: (readonly [number, TurnStages])[] = [];
  return { timer: new TurnTimer((turn, stages) => told.push([turn, stages])), told };
}

const end = { words: 'Hello?', speechEndAt: 10, transcriptAt: 20 };

describe('The times of a turn', () => {
  it('are those of the answer, not of what is said while it is awaited', () => {
    const { timer, told } = timed();
    timer.ended(end);
    timer.follow(saying(3, 'One moment.'));
    timer.sounded('u1', 30);
    timer.began('u1', 40);
    timer.audible('u1', 50);
    assert.deepEqual(told, []);
    timer.answering(3, 'It is noon.', { firstTokenAt: 60 });
    timer.follow(saying(3, 'One moment.', 'It is noon.'));
    timer.sounded('u2', 70);
    timer.sounded('u2', 71);
    timer.began('u2', 80);
    timer.audible('u2', 90);
    timer.audible('u2', 91);
    timer.played('u2');
    const stages = { speechEndAt: 10, transcriptAt: 20, firstTokenAt: 60, firstAudioAt: 70 };
    assert.deepEqual(told, [[3, { ...stages, firstFrameAt: 80, heardAt: 90 }]]);
  });

  it('are told when the answer was played, if nobody said when it was audible', () => {
    const { timer, told } = timed();
    timer.answering(1, 'It is noon.', {});
    timer.follow(saying(1, 'It is noon.'));
    timer.began('u1', 80);
    timer.played('u1');
    assert.deepEqual(told, [[1, { firstFrameAt: 80 }]]);
  });

  it('are told again when the caller interrupts it, once', () => {
    const { timer, told } = timed();
    timer.interrupted(5);
    timer.answering(1, 'It is noon.', {});
    timer.follow(saying(1, 'It is noon.'));
    timer.audible('u1', 90);
    timer.interrupted(95);
    timer.interrupted(96);
    assert.deepEqual(told, [
      [1, { heardAt: 90 }],
      [1, { heardAt: 90, interruptedAt: 95 }],
    ]);
  });

  it('begin anew when the caller goes on before they hear anything, and not after that', () => {
    const { timer, told } = timed();
    timer.ended(end);
    timer.follow(saying(1));
    timer.ended({ ...end, speechEndAt: 30, transcriptAt: 40 });
    timer.follow(saying(1));
    timer.answering(1, 'It is noon.', {});
    timer.follow(saying(1, 'It is noon.'));
    timer.audible('u1', 90);
    timer.ended({ ...end, speechEndAt: 92 });
    timer.follow(saying(1, 'It is noon.'));
    timer.interrupted(95);
    assert.deepEqual(told.at(-1), [1, { speechEndAt: 30, transcriptAt: 40, heardAt: 90, interruptedAt: 95 }]);
  });
});
