// Properties of a call: what holds after any events in any order, as often as they come.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CoreCall, type Fact, newCall, START } from '../../sim/core-call.ts';
import { type Call, carrierGathers, type DeadlineName, type EndReason, isHosted } from './call.ts';
import { deadlineReasons } from './deadline.ts';
import type { CallEvent, EventKind } from './event.ts';
import { openListening, openThinking } from './floor.ts';
import { instructionFor, instructionToSend, keyOf, toldByReply, toldByRequest } from './instruction.ts';
import type { Step } from './step.ts';
import { table, transition } from './transition.ts';

const RUNS = { numRuns: 1_500 };
/** Stands for the turn that is open or thought about; any other number is stale, or not there yet. */
const CURRENT = -1;

const turn = fc.oneof(fc.constantFrom(CURRENT, CURRENT, null), fc.integer({ min: 0, max: 6 }));
const thoughtTurn = fc.oneof(fc.constantFrom(CURRENT, CURRENT), fc.integer({ min: 0, max: 6 }));
const text = fc.constantFrom('Yes.', 'No, thank you.', '', '  ', 'What time is it?');
const why = fc.constantFrom('busy', 'no such call');
const reasons: EndReason[] = ['completed', 'hangup-user', 'hangup-bot', 'error', 'failed', 'no-answer'];
const end = fc
  .tuple(fc.constantFrom(...reasons), fc.constantFrom('first', 'second', 'third'))
  .map(([reason, cause]) => ({ reason, cause }));
const failure = fc.record({
  kind: fc.constantFrom('gone' as const, 'retry' as const, 'refused' as const),
  why,
});
/** `current` stands for the key the line was told last; the others may be stale or never told. */
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constant('current') },
  fc.constantFrom('wait', 'answer', 'hangup', 'reject', 'say:u1', 'say:u2', 'listen:1', 'stream:1'),
);
const name = fc.constantFrom(...(Object.keys(deadlineReasons) as DeadlineName[]));
const streamNumber = fc.constantFrom(1, 2, 3);
const kind = <K extends EventKind>(value: K): fc.Arbitrary<K> => fc.constant(value);

const facts: { readonly [K in EventKind]: fc.Arbitrary<Extract<Fact, { kind: K }>> } = {
  placed: fc.record({
    kind: kind('placed'),
    carrierCallId: fc.constantFrom('CA1', 'CA2'),
    replaces: fc.constantFrom(null, 'CA1'),
  }),
  rang: fc.record({ kind: kind('rang') }),
  answered: fc.record({ kind: kind('answered') }),
  callerSaid: fc.record({ kind: kind('callerSaid'), text, turn }),
  callerSilent: fc.record({ kind: kind('callerSilent'), turn }),
  digitsReceived: fc.record({ kind: kind('digitsReceived'), digits: fc.constantFrom('1', '42#'), turn }),
  utterancePlayed: fc.record({
    kind: kind('utterancePlayed'),
    utteranceId: fc.constantFrom(null, 'u1', 'u2', 'u3', 'u4', 'u5'),
  }),
  carrierEnded: fc.record({ kind: kind('carrierEnded'), reason: fc.constantFrom(...reasons), cause: why }),
  dialFailed: fc.record({ kind: kind('dialFailed'), cause: why }),
  tellAccepted: fc.record({ kind: kind('tellAccepted'), key }),
  tellFailed: fc.record({ kind: kind('tellFailed'), key, failure }),
  agentReplied: fc.record({ kind: kind('agentReplied'), turn: thoughtTurn, text }),
  agentFailed: fc.record({ kind: kind('agentFailed'), turn: thoughtTurn, why }),
  speakRequested: fc.record({
    kind: kind('speakRequested'),
    requestId: fc.constantFrom('r1', 'r2'),
    text: fc.constantFrom('A notice.', 'Another.'),
  }),
  digitsRequested: fc.record({
    kind: kind('digitsRequested'),
    requestId: fc.constantFrom('r3', 'r4'),
    digits: fc.constantFrom('1', '1ww2#'),
  }),
  askRequested: fc.record({
    kind: kind('askRequested'),
    askId: fc.constantFrom('a1', 'a2', 'a3'),
    text: fc.constantFrom('Which colour?', 'How many?'),
  }),
  endRequested: fc.record({ kind: kind('endRequested'), end, afterReply: fc.boolean() }),
  deadlinePassed: fc.record({ kind: kind('deadlinePassed'), name }),
  restored: fc.record({ kind: kind('restored') }),
  addressChanged: fc.record({ kind: kind('addressChanged') }),
  closing: fc.record({ kind: kind('closing') }),
  streamOpened: fc.record({ kind: kind('streamOpened'), n: streamNumber }),
  streamClosed: fc.record({ kind: kind('streamClosed'), n: fc.option(streamNumber), why }),
  speechFailed: fc.record({ kind: kind('speechFailed'), why }),
  callerHeard: fc.record({ kind: kind('callerHeard'), text }),
  modelSaid: fc.record({
    kind: kind('modelSaid'),
    text: fc.constantFrom('Hm.', 'Yes.'),
    isCut: fc.boolean(),
  }),
  callerSpeaks: fc.record({ kind: kind('callerSpeaks') }),
  utteranceCut: fc.record({
    kind: kind('utteranceCut'),
    utteranceId: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
    heard: fc.constantFrom('', 'Good'),
  }),
  agentSaid: fc.record({ kind: kind('agentSaid'), turn: thoughtTurn, text }),
  turnTimed: fc.record({
    kind: kind('turnTimed'),
    turn: fc.constantFrom(1, 2, 9),
    stages: fc.constant({ heardAt: 1 }),
  }),
};

/** Most events belong to the middle of a call; what ends one early is rare, or few runs would see the rest. */
const OFTEN: ReadonlySet<string> = new Set([
  'callerSaid',
  'utterancePlayed',
  'agentReplied',
  'agentSaid',
  'utteranceCut',
  'streamOpened',
  'deadlinePassed',
]);
const SELDOM: ReadonlySet<string> = new Set([
  'speechFailed',
  'carrierEnded',
  'endRequested',
  'dialFailed',
  'tellFailed',
]);
const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  ...Object.entries(facts).map(([kindOfFact, arbitrary]) => ({
    weight: (OFTEN.has(kindOfFact) ? 12 : 4) - (SELDOM.has(kindOfFact) ? 3 : 0),
    arbitrary: arbitrary as fc.Arbitrary<Fact>,
  })),
);

/** What may happen to a call: an event, or the shell telling the line what it should do. */
type Move = { readonly fact: Fact; readonly afterMs: number } | { readonly tell: 'reply' | 'request' };
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ fact: anyFact, afterMs: fc.constantFrom(0, 1, 400, 5_000, 40_000) }),
  },
  { weight: 2, arbitrary: fc.record({ tell: fc.constantFrom('reply' as const, 'request' as const) }) },
);

const served = ['inbound', 'outbound', 'notify'] as const;
const anyStart = fc.record({
  kind: fc.constantFrom(...served),
  asks: fc.boolean(),
  stream: fc.boolean(),
  voiceModel: fc.boolean(),
  greeting: fc.constantFrom('Good morning.', null),
  maxDurationMs: fc.constantFrom(10_000, 60_000, 300_000),
  dtmfSequence: fc.constantFrom(null, null, '1ww2#'),
});
const anyStory = fc.record({
  start: fc.oneof(
    { weight: 6, arbitrary: anyStart },
    { weight: 1, arbitrary: anyStart.map((start) => ({ ...start, kind: 'turnedAway' as const })) },
  ),
  placedAndAnswered: fc.boolean(),
  moves: fc.array(anyMove, { minLength: 3, maxLength: 60, size: 'max' }),
});
type Story = typeof anyStory extends fc.Arbitrary<infer S> ? S : never;

interface Scene {
  readonly before: Call;
  readonly event: CallEvent;
  readonly step: Step;
}

/** What `CURRENT` and `current` stand for on this call. */
function named(fact: Fact, call: Call): Fact {
  if ('key' in fact && fact.key === 'current') return { ...fact, key: call.line.told ?? 'wait' };
  if (!('turn' in fact) || fact.turn !== CURRENT) return fact;
  return { ...fact, turn: (openListening(call) ?? openThinking(call))?.turn ?? 1 };
}

/** Plays a story and shows every transition in it. */
function playOut({ start, placedAndAnswered, moves }: Story, see: (scene: Scene) => void): Call {
  let call = newCall(start);
  let at = START;
  const happen = (fact: Fact): void => {
    const event = { ...named(fact, call), at } as CallEvent;
    const done = transition(call, event);
    see({ before: call, event, step: done });
    call = done.call;
  };
  if (placedAndAnswered) {
    happen({ kind: 'placed', carrierCallId: 'CA1', replaces: null });
    happen({ kind: 'answered' });
  }
  for (const move of moves) {
    if ('fact' in move) {
      at += move.afterMs;
      happen(move.fact);
    } else if (move.tell === 'reply') call = toldByReply(call, keyOf(instructionFor(call)));
    else {
      const toSend = instructionToSend(call);
      if (toSend) call = toldByRequest(call, keyOf(toSend));
    }
  }
  return call;
}

/** Checks `hold` on every transition of many stories. */
function always(hold: (scene: Scene) => void): void {
  fc.assert(
    fc.property(anyStory, (story) => {
      playOut(story, hold);
    }),
    RUNS,
  );
}

describe('Whatever happens to a call', () => {
  it('nothing leaves or changes an ended call', () => {
    always(({ before, event, step }) => {
      if (before.phase !== 'ended') return;
      assert.equal(step.call, before, event.kind);
      assert.deepEqual(step.effects, []);
    });
  });

  it('every phase change is one its row in the table names', () => {
    always(({ before, event, step }) => {
      if (step.call === before) return;
      const row = table[before.phase][event.kind];
      assert.ok(row?.to.includes(step.call.phase), `${before.phase} ${event.kind} -> ${step.call.phase}`);
    });
  });

  it('an open call always has a deadline, and a call that is over has none', () => {
    always(({ step: { call } }) => {
      assert.equal(Object.keys(call.deadlines).length > 0, call.phase !== 'ended', call.phase);
    });
  });

  it('the first reason to end wins', () => {
    always(({ before, step: { call } }) => {
      if (before.end) assert.deepEqual(call.end, before.end);
      else if (before.leaving && call.end) assert.deepEqual(call.end, before.leaving);
      if (before.leaving) assert.deepEqual(call.leaving, before.leaving);
      assert.equal(call.end !== null, call.phase === 'ending' || call.phase === 'ended');
      assert.equal(call.endedAt !== null, call.phase === 'ended');
    });
  });

  it('asking twice what the line should do gives the same answer, and a saved call is a whole call', () => {
    always(({ step: { call } }) => {
      assert.deepEqual(instructionFor(call), instructionFor(call));
      assert.deepEqual(JSON.parse(JSON.stringify(call)), call);
    });
  });

  it('an ended call waits and a dialled one is not told anything', () => {
    always(({ step: { call } }) => {
      if (call.phase === 'ended' || call.phase === 'dialing') {
        assert.equal(instructionFor(call).kind, 'wait');
        assert.equal(instructionToSend(call), null);
      }
    });
  });

  it('the transcript only grows, and an outcome is settled once', () => {
    always(({ before, step: { call } }) => {
      before.transcript.forEach((entry, index) => {
        const now = call.transcript[index];
        const free = entry.speaker === 'agent' && entry.outcome === 'playing';
        // Of what was interrupted the words that were heard stay.
        const text = now?.speaker === 'agent' && now.outcome === 'cut' ? now.text : entry.text;
        const settled = free && now?.speaker === 'agent' ? { ...entry, text, outcome: now.outcome } : entry;
        assert.deepEqual(now, settled);
      });
    });
  });

  it('only what is being said now is playing', () => {
    always(({ step: { call } }) => {
      const playing = call.transcript.flatMap((entry) =>
        entry.speaker === 'agent' && entry.outcome === 'playing' ? [entry.utteranceId] : [],
      );
      assert.deepEqual(playing, call.floor.kind === 'speaking' ? [call.floor.utterance.id] : []);
    });
  });

  it('every utterance has an id of its own', () => {
    always(({ step: { call } }) => {
      const ids = call.transcript.flatMap((entry) => (entry.speaker === 'agent' ? [entry.utteranceId] : []));
      const all = [...ids, ...call.queue.map((item) => item.utterance.id)];
      assert.equal(new Set(all).size, all.length);
    });
  });

  it('turns never go back, and are taken once each', () => {
    always(({ before, step: { call } }) => {
      assert.ok(call.turn >= before.turn);
      const taken = call.turns.map((one) => one.turn);
      assert.deepEqual(
        taken,
        [...new Set(taken)].sort((a, b) => a - b),
      );
      const place = openListening(call) ?? openThinking(call);
      assert.ok(!place || place.turn <= call.turn);
    });
  });

  it('the agent is asked only about the turn it is then thinking about', () => {
    always(({ step }) => {
      const asked = step.effects.find((effect) => effect.kind === 'askAgent');
      if (!asked) return;
      const thinking = openThinking(step.call);
      assert.deepEqual([thinking?.turn, thinking?.by], [asked.turn, 'agent']);
      assert.notEqual(asked.words.trim(), '');
    });
  });

  it('an answer of the agent to any but the turn it thinks about changes nothing', () => {
    always(({ before, event, step }) => {
      if (event.kind !== 'agentReplied' && event.kind !== 'agentFailed') return;
      const thinking = before.phase === 'live' ? openThinking(before) : null;
      if (thinking?.by === 'agent' && thinking.turn === event.turn) return;
      assert.equal(step.call, before);
    });
  });

  it('the same report twice is the same as once', () => {
    const once: ReadonlySet<EventKind> = new Set([
      ...(['placed', 'rang', 'answered', 'carrierEnded', 'dialFailed'] as const),
      ...(['tellAccepted', 'agentReplied', 'agentFailed', 'endRequested'] as const),
    ]);
    always(({ event, step }) => {
      // A key that comes twice was pressed twice: only a carrier that asks reports keys of a turn at once.
      if (event.kind === 'digitsReceived' && !carrierGathers(step.call)) return;
      // So is a sentence that comes twice, and what a voice model hears.
      if (event.kind === 'agentSaid' || isHosted(step.call)) return;
      const named = 'turn' in event && event.turn !== null;
      const ofUtterance = event.kind === 'utterancePlayed' && event.utteranceId !== null;
      if (!once.has(event.kind) && !named && !ofUtterance) return;
      const again = transition(step.call, event);
      assert.deepEqual(again.call, step.call, event.kind);
    });
  });

  it('a deadline that was cleared changes nothing', () => {
    always(({ before, event, step }) => {
      if (event.kind !== 'deadlinePassed' || before.deadlines[event.name] !== undefined) return;
      assert.equal(step.call, before);
    });
  });

  it('a conversation is never idle, a notify call never listens or thinks', () => {
    always(({ step: { call } }) => {
      if (call.phase !== 'live') return;
      if (call.mode === 'conversation') assert.notEqual(call.floor.kind, 'idle');
      else assert.deepEqual([openListening(call), openThinking(call)], [null, null]);
    });
  });

  it('a call that is leaving still says or awaits something, and asks nobody anything', () => {
    always(({ step: { call, effects } }) => {
      if (call.phase !== 'live' || !call.leaving) return;
      assert.ok(call.floor.kind === 'speaking' || call.floor.kind === 'thinking', call.floor.kind);
      assert.ok(!effects.some((effect) => effect.kind === 'askAgent'));
    });
  });

  it('at most one question is open, and while one is open there is a limit to the wait', () => {
    always(({ step: { call } }) => {
      if (call.phase !== 'live') return;
      const places = [
        call.floor,
        ...(call.floor.kind === 'speaking' ? [call.floor.after] : []),
        ...call.queue.map((item) => item.after),
      ];
      const open = new Set(
        places.flatMap((place) => (place.kind === 'listening' && place.askId !== null ? [place.askId] : [])),
      );
      assert.ok(open.size <= 1, [...open].join());
      if (open.size === 1) assert.ok(call.deadlines.transcript !== undefined);
    });
  });

  it('nobody who is turned away is listened to, or makes an agent think', () => {
    always(({ before, step: { call, effects } }) => {
      if (before.direction !== 'inbound' || before.mode !== 'notify') return;
      assert.equal(openListening(call), null);
      assert.ok(!effects.some((effect) => effect.kind === 'askAgent'));
      if (call.end) assert.deepEqual(call.end, before.leaving);
    });
  });

  it('keys that were pressed wait for a moment that comes, are few, and are never lost', () => {
    always(({ before, step: { call, effects } }) => {
      assert.equal(call.keys !== '', call.deadlines.keys !== undefined);
      assert.ok(call.keys.length < 128);
      if (before.keys === '' || call.keys.startsWith(before.keys)) return;
      assert.equal(call.keys, '');
      const noted = call.transcript.slice(before.transcript.length);
      assert.ok(
        noted.some((entry) => entry.speaker === 'caller' && entry.text.includes(before.keys)),
        JSON.stringify([before, effects]),
      );
    });
  });

  it('an instruction the carrier agreed to leaves no failures behind', () => {
    always(({ before, event, step: { call } }) => {
      if (event.kind !== 'tellAccepted' || before.line.accepted || call.phase !== 'live') return;
      assert.equal(call.line.attempts, 0);
    });
  });

  it('what waits to be said is bounded', () => {
    always(({ step: { call } }) => assert.ok(call.queue.length <= 12, String(call.queue.length)));
  });
});

describe('A line that is told everything', () => {
  /** Sound, or the caller's turn: anything else for longer than this would be dead air. */
  const MAX_QUIET_MS = 9_000;

  /** What lets a caller wonder whether the line is dead: neither our voice nor their turn. */
  function isQuiet(call: Call): boolean {
    return call.phase === 'live' && call.mode === 'conversation' && call.floor.kind === 'thinking';
  }

  const interventions = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 60_000 }),
      fact: fc.oneof(
        facts.callerSaid,
        facts.speakRequested,
        facts.askRequested,
        facts.agentReplied,
        facts.agentFailed,
        facts.digitsReceived,
        facts.restored,
      ) as fc.Arbitrary<Fact>,
    }),
    { maxLength: 8 },
  );

  it('ends by deadlines alone, within its time, and is never quiet for long', () => {
    fc.assert(
      fc.property(anyStart, interventions, (start, story) => {
        const line = new CoreCall(start);
        line
          .play({ kind: 'placed', carrierCallId: 'CA1', replaces: null })
          .pass(2_000)
          .play({ kind: 'answered' });
        const answeredAt = line.now;
        const due = [...story].sort((a, b) => a.atMs - b.atMs);
        let quietSince: number | null = null;
        const look = (): void => {
          quietSince = isQuiet(line.call) ? (quietSince ?? line.now) : null;
          assert.ok(quietSince === null || line.now - quietSince <= MAX_QUIET_MS, 'dead air');
        };
        for (const { atMs, fact } of due) {
          while ((line.nextDueAt ?? Number.POSITIVE_INFINITY) <= answeredAt + atMs && line.passOne()) look();
          line.now = Math.max(line.now, answeredAt + atMs);
          look();
          line.play(named(fact, line.call));
          look();
        }
        while (line.passOne()) look();
        assert.equal(line.call.phase, 'ended');
        const tookMs = (line.call.endedAt ?? 0) - answeredAt;
        assert.ok(tookMs <= line.call.settings.maxDurationMs + 1_000, `${tookMs} ms`);
      }),
      RUNS,
    );
  });

  it('ends too when the carrier never says a word, not even to the hang-up', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const line = new CoreCall({ ...start, answers: 'silent' });
        line.play({ kind: 'placed', carrierCallId: 'CA1', replaces: null }, { kind: 'answered' });
        while (line.passOne()) assert.ok(line.now - START < 400_000);
        assert.equal(line.call.phase, 'ended');
        assert.equal(line.sent.filter((one) => one.kind === 'hangup').length, 4);
      }),
    );
  });

  it('ends when nobody ever answers the phone', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const line = new CoreCall(start);
        while (line.passOne()) assert.ok(line.now - START < 100_000);
        assert.equal(line.call.phase, 'ended');
        assert.equal(line.call.end?.reason, 'no-answer');
      }),
    );
  });
});
