// What holds on a line whatever is asked of it, whatever its caller does, and however often its stream breaks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  LIKE_PLIVO,
  LIKE_TELNYX,
  LIKE_TWILIO,
  type Manners,
  MediaStage,
  soundOf,
} from '../../sim/media-stage.ts';
import { FRAME_MS } from './frame.ts';
import type { LineEvent } from './lines.ts';
import { LEAD_MS } from './playout.ts';

type Deed =
  | {
      readonly kind: 'say';
      readonly frames: number;
      readonly pieces: number;
      readonly interruptible: boolean;
    }
  | { readonly kind: 'more' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'drop'; readonly which: number }
  | { readonly kind: 'voice' }
  | { readonly kind: 'understood'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'pass'; readonly ms: number };

const pass = fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 900 }) });
const simple = <K extends Deed['kind']>(kind: K) => fc.record({ kind: fc.constant(kind) });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: pass },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      frames: fc.integer({ min: 1, max: 60 }),
      pieces: fc.integer({ min: 1, max: 3 }),
      interruptible: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: simple('more') },
  { weight: 3, arbitrary: simple('finish') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), which: fc.integer({ min: 0, max: 9 }) }),
  },
  { weight: 3, arbitrary: simple('voice') },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('understood' as const),
      text: fc.constantFrom('mhm', 'no stop', ''),
    }),
  },
  { weight: 1, arbitrary: simple('break') },
  { weight: 1, arbitrary: simple('connect') },
  { weight: 1, arbitrary: simple('stall') },
);
const manners = fc
  .tuple(
    fc.constantFrom<Manners>(LIKE_TWILIO, LIKE_TELNYX, LIKE_PLIVO),
    fc.constantFrom(0, 40, 150),
    fc.constantFrom(true, true, false),
  )
  .map(([style, delayMs, returnsMarks]) => ({ ...style, delayMs, returnsMarks }));

interface Asked {
  readonly id: number;
  readonly isInterruptible: boolean;
  frames: number;
  piecesLeft: number;
  readonly pieceFrames: number;
  isFinished: boolean;
  droppedAt: number | null;
}

/** Does what a run asks for, and remembers it. */
class Play {
  readonly stage: MediaStage;
  readonly asked: Asked[] = [];
  /** How many events there were when something was dropped. */
  readonly dropsBefore = new Set<number>();
  isConnected = false;

  constructor(how: Manners) {
    this.stage = new MediaStage(how);
    this.stage.callerOn();
  }

  async do(step: Deed): Promise<void> {
    const { stage } = this;
    if (step.kind === 'pass') await stage.clock.advance(step.ms);
    else if (step.kind === 'say') this.#say(step);
    else if (step.kind === 'more') this.#more(this.asked.find(({ piecesLeft }) => piecesLeft > 0));
    else if (step.kind === 'finish') this.finish(this.asked.find(({ isFinished }) => !isFinished));
    else if (step.kind === 'drop') this.#drop(this.asked.at(-1 - step.which));
    else if (step.kind === 'voice') stage.isCallerSpeaking = !stage.isCallerSpeaking;
    else if (step.kind === 'understood') stage.understood(step.text);
    else if (step.kind === 'break' && this.isConnected) this.#break();
    else if (step.kind === 'connect') this.connect();
    else if (step.kind === 'stall') this.#stall();
  }

  /** A quiet end: all is said that is not forgotten. */
  async end(): Promise<void> {
    this.stage.isCallerSpeaking = false;
    this.stage.stream.socket.bufferedBytes = 0;
    if (!this.isConnected || this.stage.stream.closed !== null) this.connect();
    for (const one of this.asked) this.finish(one);
    const frames = this.asked.reduce((sum, one) => sum + one.frames, 0);
    await this.stage.clock.advance(frames * FRAME_MS + 6_000);
  }

  connect(): void {
    this.isConnected = true;
    this.stage.streams.at(-1)?.breaks();
    this.stage.connect();
  }

  finish(one: Asked | undefined): void {
    if (!one || one.isFinished) return;
    one.isFinished = true;
    one.piecesLeft = 0;
    this.stage.engine.finish(this.stage.callId, `u${one.id}`);
  }

  #say({ frames, pieces, interruptible }: Extract<Deed, { kind: 'say' }>): void {
    const one: Asked = {
      id: this.asked.length + 1,
      isInterruptible: interruptible,
      frames: 0,
      piecesLeft: pieces,
      pieceFrames: frames,
      isFinished: false,
      droppedAt: null,
    };
    this.asked.push(one);
    this.stage.begin(one.id, interruptible);
    this.#more(one);
  }

  #more(one: Asked | undefined): void {
    if (!one) return;
    const ms = one.pieceFrames * FRAME_MS;
    this.stage.engine.sound(this.stage.callId, `u${one.id}`, soundOf(one.id, ms, one.frames));
    one.frames += one.pieceFrames;
    one.piecesLeft -= 1;
  }

  #drop(one: Asked | undefined): void {
    if (!one) return;
    one.droppedAt ??= this.stage.clock.now();
    this.dropsBefore.add(this.stage.events.length);
    this.stage.drop(one.id);
  }

  /** The socket takes no more, or does again. */
  #stall(): void {
    const { socket } = this.stage.stream;
    socket.bufferedBytes = socket.bufferedBytes === 0 ? 70_000 : 0;
  }

  #break(): void {
    this.isConnected = false;
    this.stage.breaks();
  }
}

const endOf = (events: readonly LineEvent[], id: number): readonly string[] =>
  events.flatMap((event) =>
    (event.kind === 'played' || event.kind === 'cut' || event.kind === 'unplayable') &&
    event.utteranceId === `u${id}`
      ? [event.kind]
      : [],
  );

/** Every utterance has the one end that was due to it, and what is said to be played was heard whole. */
function checkEnds({ stage, asked }: Play): void {
  const firstHeard: number[] = [];
  const lastCut = stage.events.findLastIndex(({ kind }) => kind === 'cut');
  for (const one of asked) {
    const ends = endOf(stage.events, one.id);
    const frames = stage.heard.filter(({ utterance }) => utterance === one.id);
    if (frames[0]) firstHeard.push(frames[0].at);
    assert.ok(ends.length <= 1, `u${one.id}: ${ends}`);
    if (ends[0] === 'played') {
      assert.deepEqual(
        [...new Set(frames.map(({ frame }) => frame))].sort((a, b) => a - b),
        Array.from({ length: one.frames }, (_, frame) => frame),
        `u${one.id} was not heard whole`,
      );
    } else assert.ok(ends[0] === 'cut' || one.droppedAt !== null || lastCut >= 0, `u${one.id} has no end`);
    if (ends[0] === 'cut') assert.ok(one.isInterruptible, `u${one.id} was cut and must not be`);
  }
  assert.deepEqual(
    firstHeard,
    firstHeard.toSorted((a, b) => a - b),
    'the order was not kept',
  );
}

/** What is said to be heard of a cut utterance was heard; and nothing of it is sent after. */
function checkCuts({ stage, asked }: Play): void {
  for (const event of stage.events) {
    if (event.kind !== 'cut') continue;
    const id = Number(event.utteranceId.slice(1));
    const heard = new Set(stage.heard.filter(({ utterance }) => utterance === id).map(({ frame }) => frame));
    assert.ok(event.heardMs <= heard.size * FRAME_MS, `u${id}: ${event.heardMs} of ${heard.size} frames`);
    assertNothingSent(stage, id, event.at);
  }
  for (const { id, droppedAt } of asked) if (droppedAt !== null) assertNothingSent(stage, id, droppedAt);
}

function assertNothingSent(stage: MediaStage, id: number, after: number): void {
  const late = stage.streams
    .flatMap(({ frames }) => frames)
    .filter(({ text, at }) => text.charCodeAt(1) === id && at > after);
  assert.equal(late.length, 0, `u${id} was sent after its end`);
}

/** Between two clears no more is sent than time allows, and a frame is sent twice only because of a clear. */
function checkPace({ stage }: Play): void {
  for (const { sent } of stage.streams) {
    let run: { readonly at: number; readonly key: string }[] = [];
    for (const { text, at } of sent) {
      if (text === 'c') run = [];
      if (!text.startsWith('a')) continue;
      const key = text.slice(1, 4);
      assert.ok(!run.some((other) => other.key === key), 'a frame was sent twice');
      run.push({ at, key });
      for (const [index, first] of run.entries()) {
        const ms = (run.length - index) * FRAME_MS;
        assert.ok(ms <= at - first.at + LEAD_MS + FRAME_MS, `${ms} ms of sound in ${at - first.at} ms`);
      }
    }
  }
}

type Hold = 'on' | 'off' | 'perhaps';

/** A hold ends with going on or with a cut, and nothing begins during one; only a drop may end it in silence. */
function checkHolds({ stage, dropsBefore }: Play): void {
  let hold: Hold = 'off';
  for (const [index, event] of stage.events.entries()) {
    if (dropsBefore.has(index) && hold === 'on') hold = 'perhaps';
    hold = holdAfter(hold, event);
  }
  assert.notEqual(hold, 'on', 'a hold without an end');
}

function holdAfter(hold: Hold, event: LineEvent): Hold {
  if (event.kind === 'began') assert.notEqual(hold, 'on', 'something began during a hold');
  if (event.kind === 'cut') return 'off';
  if (event.kind !== 'held') return hold;
  assert.notEqual(hold, event.isOver ? 'off' : 'on', event.isOver ? 'the end of no hold' : 'held twice');
  return event.isOver ? 'off' : 'on';
}

describe('A line, whatever happens on it', () => {
  it('says everything once, in order, at the pace of speech, and nothing that is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(manners, fc.array(deed, { maxLength: 30 }), async (how, deeds) => {
        const play = new Play(how);
        play.connect();
        for (const step of deeds) await play.do(step);
        await play.end();
        checkEnds(play);
        checkCuts(play);
        checkPace(play);
        checkHolds(play);
        play.stage.engine.close(play.stage.callId);
      }),
      { numRuns: 150 },
    );
  });
});
