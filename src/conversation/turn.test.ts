// When the turn of a caller is over: tables of what happened and what comes of it, and what is true of any order.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { listen, newTurn, type Turn, type TurnEnd, type TurnInput } from './turn.ts';

const settings = { silenceTimeoutMs: 800 };

interface Given extends TurnEnd {
  readonly at: number;
}

/** Plays inputs in the order of their times; deadlines in between pass as they come due. */
function play(inputs: readonly TurnInput[], untilMs = 60_000): readonly Given[] {
  const given: Given[] = [];
  let turn: Turn = newTurn;
  const step = (input: TurnInput): void => {
    const stepped = listen(turn, input, settings);
    turn = stepped.turn;
    if (stepped.end) given.push({ ...stepped.end, at: input.at });
  };
  const passTo = (at: number): void => {
    while (turn.dueAt !== null && turn.dueAt <= at) step({ kind: 'tick', at: turn.dueAt });
  };
  for (const input of inputs) {
    passTo(input.at - 1);
    step(input);
  }
  passTo(untilMs);
  assert.equal(turn.dueAt, null);
  return given;
}

const voice = (at: number): TurnInput => ({ kind: 'voice', at, isSpeaking: true });
const quiet = (at: number): TurnInput => ({ kind: 'voice', at, isSpeaking: false });
const partial = (at: number, text: string): TurnInput => ({ kind: 'partial', at, text });
const final = (at: number, text: string): TurnInput => ({ kind: 'final', at, text });
const ours = (at: number, isOn: boolean): TurnInput => ({ kind: 'ourVoice', at, isOn });
const interrupted = (at: number): TurnInput => ({ kind: 'interrupted', at });

describe('The turn of a caller', () => {
  const table: readonly (readonly [string, readonly TurnInput[], readonly Given[]])[] = [
    [
      'ends a moment after final words in a silence',
      [voice(0), partial(500, 'book'), quiet(1_000), final(1_200, 'Book it.')],
      [{ at: 1_320, words: 'Book it.', speechEndAt: 1_000, transcriptAt: 1_200 }],
    ],
    [
      'ends at once when the transcriber waited long enough itself',
      [voice(0), quiet(1_000), final(1_300, 'Book it.')],
      [{ at: 1_300, words: 'Book it.', speechEndAt: 1_000, transcriptAt: 1_300 }],
    ],
    [
      'goes on while the voice sounds, and joins its finals',
      [voice(0), final(900, 'I want pizza.'), voice(900), final(1_900, 'With ham.'), quiet(2_000)],
      [{ at: 2_120, words: 'I want pizza. With ham.', speechEndAt: 2_000, transcriptAt: 1_900 }],
    ],
    [
      'goes on when the voice comes back before it was given',
      [voice(0), quiet(1_000), final(1_100, 'Pizza.'), voice(1_200), quiet(2_000), final(2_600, 'With ham.')],
      [{ at: 2_600, words: 'Pizza. With ham.', speechEndAt: 2_000, transcriptAt: 2_600 }],
    ],
    [
      'waits for words that must still come, as the voice went on after the last',
      [voice(0), final(500, 'Pizza.'), quiet(2_000), final(2_700, 'With ham.')],
      [{ at: 2_700, words: 'Pizza. With ham.', speechEndAt: 2_000, transcriptAt: 2_700 }],
    ],
    [
      'waits longer after "and"',
      [voice(0), quiet(1_000), final(1_100, 'Pizza and')],
      [{ at: 1_900, words: 'Pizza and', speechEndAt: 1_000, transcriptAt: 1_100 }],
    ],
    [
      'takes words that never become final',
      [voice(0), partial(700, 'book'), quiet(1_000), partial(1_100, 'book it')],
      [{ at: 2_800, words: 'book it', speechEndAt: 1_000, transcriptAt: 1_100 }],
    ],
    [
      'does not take them before the transcriber is still',
      [voice(0), quiet(1_000), partial(2_500, 'book'), final(3_300, 'Book it.')],
      [{ at: 3_300, words: 'Book it.', speechEndAt: 1_000, transcriptAt: 3_300 }],
    ],
    [
      'does not need our detector',
      [final(1_000, 'Quietly.')],
      [{ at: 1_120, words: 'Quietly.', speechEndAt: 1_000, transcriptAt: 1_000 }],
    ],
    [
      'ends although the street is loud',
      [voice(0), partial(900, 'book'), final(1_000, 'Book it.')],
      [{ at: 4_000, words: 'Book it.', speechEndAt: 1_000, transcriptAt: 1_000 }],
    ],
    [
      'ends later in that street when nobody tells what is being said',
      [voice(0), final(1_000, 'Book it.')],
      [{ at: 7_000, words: 'Book it.', speechEndAt: 1_000, transcriptAt: 1_000 }],
    ],
    ['is none of noise', [voice(0), quiet(1_000), partial(1_100, ' '), final(1_200, '')], []],
    ['is none when the transcriber takes its words back', [partial(100, 'the'), final(300, ' ')], []],
    [
      'is none of a listener’s sounds',
      [ours(0, true), voice(500), quiet(800), final(1_200, 'Mhm.'), ours(1_250, false)],
      [],
    ],
    [
      'is none of a listener’s yes, while we go on',
      [ours(0, true), voice(500), quiet(800), final(1_700, 'Yeah, okay.'), ours(9_000, false)],
      [],
    ],
    [
      'may be a yes just before our question ends',
      [ours(0, true), voice(500), quiet(800), ours(1_000, false), final(1_700, 'Yes.')],
      [{ at: 1_700, words: 'Yes.', speechEndAt: 800, transcriptAt: 1_700 }],
    ],
    [
      'may be anything that stopped us',
      [ours(0, true), voice(500), interrupted(700), ours(700, false), quiet(900), final(1_700, 'Hm.')],
      [{ at: 1_820, words: 'Hm.', speechEndAt: 900, transcriptAt: 1_700 }],
    ],
    [
      'may be sounds that go on after we are done',
      [
        ...[ours(0, true), voice(500), quiet(800), final(900, 'Mhm.'), ours(950, false)],
        ...[voice(1_000), quiet(1_400), final(2_000, 'Hmm.')],
      ],
      [{ at: 2_300, words: 'Mhm. Hmm.', speechEndAt: 1_400, transcriptAt: 2_000 }],
    ],
    [
      'is given once by a street that stays loud',
      [voice(0), partial(900, 'one'), final(1_000, 'One.'), final(9_000, 'Two.')],
      [
        { at: 4_000, words: 'One.', speechEndAt: 1_000, transcriptAt: 1_000 },
        { at: 12_000, words: 'Two.', speechEndAt: 9_000, transcriptAt: 9_000 },
      ],
    ],
    [
      'may be words under ours that mean something',
      [ours(0, true), voice(500), quiet(900), final(1_500, 'Not that one.')],
      [{ at: 1_500, words: 'Not that one.', speechEndAt: 900, transcriptAt: 1_500 }],
    ],
    [
      'begins anew after it was given',
      [voice(0), quiet(500), final(1_100, 'One.'), voice(3_000), quiet(3_500), final(4_100, 'Two.')],
      [
        { at: 1_100, words: 'One.', speechEndAt: 500, transcriptAt: 1_100 },
        { at: 4_100, words: 'Two.', speechEndAt: 3_500, transcriptAt: 4_100 },
      ],
    ],
  ];
  for (const [what, inputs, given] of table) it(what, () => assert.deepEqual(play(inputs), given));
});

describe('Whatever happens in whatever order', () => {
  const text = fc.constantFrom('Pizza.', 'with ham', 'and', 'mhm', 'yes', '', 'Stop it.');
  const input = fc.oneof(
    fc.record({ kind: fc.constant('voice' as const), isSpeaking: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('partial' as const, 'final' as const), text }),
    fc.record({ kind: fc.constant('interrupted' as const) }),
  );
  const story = fc.array(fc.tuple(fc.nat({ max: 1_500 }), input), { maxLength: 40 }).map((steps) => {
    let at = 0;
    return steps.map(([after, what]): TurnInput => {
      at += after;
      return { ...what, at };
    });
  });

  it('every final word is given once, in order, and never later than 6 s after the last news', () => {
    fc.assert(
      fc.property(story, (inputs) => {
        const given = play(inputs, 200_000);
        const finals = inputs.flatMap((one) => (one.kind === 'final' && one.text !== '' ? [one.text] : []));
        const words = given.map((end) => end.words).join(' ');
        let from = 0;
        for (const one of finals) {
          const found = words.indexOf(one, from);
          assert.ok(found >= 0, `${one} was lost: ${words}`);
          from = found + one.length;
        }
        const last = inputs.at(-1)?.at ?? 0;
        for (const end of given) {
          assert.ok(end.at <= last + 6_000 && end.speechEndAt <= end.at && end.transcriptAt <= end.at);
          assert.notEqual(end.words, '');
        }
      }),
    );
  });

  it('there is a deadline whenever there are words', () => {
    fc.assert(
      fc.property(story, (inputs) => {
        let turn: Turn = newTurn;
        for (const one of inputs) {
          turn = listen(turn, one, settings).turn;
          assert.equal(turn.dueAt === null, turn.finals.length === 0 && turn.partial === '');
        }
      }),
    );
  });
});
