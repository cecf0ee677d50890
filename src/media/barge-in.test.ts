// When a voice is an interruption, and when it is not; all times in ms from the start of the test.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BargeIn, type Decision, type Target } from './barge-in.ts';
import type { Sensitivity } from './lines.ts';

const START_MS = 60;
const END_MS = 280;

/** A caller whose voice a detector tells of as late as a real one, and a line that asks when it is time. */
class Scene {
  now = 0;
  target: Target = 'begun';
  readonly decisions: (readonly [Exclude<Decision, null>, number])[] = [];
  readonly bargeIn: BargeIn;

  constructor(sensitivity: Sensitivity = 'medium') {
    this.bargeIn = new BargeIn(sensitivity);
  }

  /** The voice begins or ends `now`; we learn of it a little later. */
  voice(isSpeaking: boolean): void {
    const at = this.now;
    this.pass(isSpeaking ? START_MS : END_MS);
    this.#note(this.bargeIn.voice(isSpeaking, { at, now: this.now }, this.target));
  }

  speaks(ms: number): void {
    this.voice(true);
    this.pass(ms - START_MS);
    this.voice(false);
  }

  understood(text: string): void {
    this.#note(this.bargeIn.understood(text, this.now, this.target));
  }

  meets(): void {
    this.#note(this.bargeIn.meets(this.target, this.now));
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (let at = this.bargeIn.deadline; at !== null && at <= until; at = this.bargeIn.deadline) {
      this.now = Math.max(this.now, at);
      this.#note(this.bargeIn.wake(this.now));
    }
    this.now = until;
  }

  get words(): readonly string[] {
    return this.decisions.map(([word]) => word);
  }

  #note(decision: Decision): void {
    if (decision) this.decisions.push([decision, this.now]);
    if (decision === 'cut') this.target = 'none';
  }
}

describe('A voice while we speak', () => {
  it('stops us as soon as the detector is sure', () => {
    const scene = new Scene();
    scene.voice(true);
    assert.deepEqual(scene.decisions, [['hold', START_MS]]);
  });

  for (const [sensitivity, enoughMs] of [
    ['low', 700],
    ['medium', 450],
    ['high', 200],
  ] as const) {
    it(`cuts us on ${sensitivity} after ${enoughMs} ms, without a word`, () => {
      const long = new Scene(sensitivity);
      long.speaks(enoughMs + 10);
      assert.deepEqual(long.words, ['hold', 'cut']);
      const short = new Scene(sensitivity);
      short.speaks(enoughMs - 20);
      assert.deepEqual(short.words, ['hold']);
      const on = new Scene(sensitivity);
      on.voice(true);
      on.pass(5_000);
      // The end of a voice is told late, so one that may be over already has to last longer.
      assert.deepEqual(on.decisions.at(-1), ['cut', enoughMs + END_MS]);
    });
  }

  it('that was short is forgotten 400 ms after we learnt of its end', () => {
    const scene = new Scene();
    scene.speaks(200);
    scene.pass(2_000);
    assert.deepEqual(scene.decisions, [
      ['hold', START_MS],
      ['resume', 200 + END_MS + 400],
    ]);
  });

  it('is an interruption as soon as it has words', () => {
    const scene = new Scene('low');
    scene.voice(true);
    scene.pass(100);
    scene.understood('no wait');
    assert.deepEqual(scene.words, ['hold', 'cut']);
  });

  it('whose end is told at once is measured by that', () => {
    const { bargeIn } = new Scene();
    assert.equal(bargeIn.voice(true, { at: 0, now: 60 }, 'begun'), 'hold');
    assert.equal(bargeIn.voice(false, { at: 460, now: 470 }, 'begun'), 'cut');
  });

  it('that says "go on" lets us go on once it is silent', () => {
    const scene = new Scene();
    scene.speaks(200);
    scene.pass(50);
    scene.understood('Mhm.');
    assert.deepEqual(scene.decisions.at(-1), ['resume', 200 + END_MS + 50]);
    const early = new Scene();
    early.voice(true);
    early.pass(40);
    early.understood('yeah');
    assert.deepEqual(early.words, ['hold']);
    early.voice(false);
    assert.deepEqual(early.decisions.at(-1), ['resume', 100 + END_MS]);
  });

  it('that goes on after a "yes" counts anew from there', () => {
    const scene = new Scene();
    scene.voice(true);
    scene.pass(500);
    scene.understood('yes');
    scene.pass(5_000);
    assert.deepEqual(scene.decisions.at(-1), ['cut', 560 + 450 + END_MS]);
    // A transcriber tells of the same word again and again.
    const again = new Scene();
    again.voice(true);
    again.pass(500);
    for (let times = 0; times < 30; times++) {
      again.understood('yes');
      again.pass(50);
    }
    assert.deepEqual(again.decisions.at(-1), ['cut', 560 + 450 + END_MS]);
  });

  it('too soft for the detector interrupts us by words that become more, not by late ones', () => {
    const scene = new Scene();
    scene.understood('could you');
    assert.deepEqual(scene.decisions, []);
    scene.pass(300);
    scene.understood('could you please stop');
    assert.deepEqual(scene.words, ['cut']);
    const late = new Scene();
    late.understood('a table for four');
    late.pass(400);
    late.understood('a table for four');
    late.pass(2_000);
    late.understood('a table for four people please');
    assert.deepEqual(late.words, []);
  });

  it('may be understood even after we went on', () => {
    const scene = new Scene();
    scene.speaks(200);
    scene.pass(1_000);
    scene.understood('stop please');
    assert.deepEqual(scene.words, ['hold', 'resume', 'cut']);
    // The rest of the same words is not about what we say next.
    scene.target = 'begun';
    scene.understood('stop please now');
    assert.deepEqual(scene.words, ['hold', 'resume', 'cut']);
    const late = new Scene();
    late.speaks(200);
    late.pass(3_000);
    late.understood('stop please');
    assert.deepEqual(late.words, ['hold', 'resume']);
  });

  it('means nothing when what plays cannot be interrupted, or nothing plays', () => {
    const scene = new Scene();
    scene.target = 'none';
    scene.voice(true);
    scene.understood('stop it now');
    scene.pass(3_000);
    assert.deepEqual(scene.decisions, []);
  });

  it('of before we began is not mistaken for an interruption when its words come late', () => {
    const scene = new Scene();
    scene.target = 'none';
    scene.speaks(1_000);
    scene.target = 'begun';
    scene.pass(200);
    scene.understood('I would like a table');
    assert.deepEqual(scene.decisions, []);
  });
});

describe('A voice when we are about to begin', () => {
  const waiting = (): Scene => {
    const scene = new Scene();
    scene.target = 'none';
    scene.voice(true);
    scene.pass(1_000);
    scene.target = 'waiting';
    assert.equal(scene.bargeIn.mayBegin(scene.now), false);
    scene.meets();
    scene.meets();
    return scene;
  };

  it('makes us wait, and we begin as soon as it ends', () => {
    const scene = waiting();
    scene.voice(false);
    assert.deepEqual(scene.decisions, [
      ['hold', 1_060],
      ['resume', 1_060 + END_MS],
    ]);
    assert.equal(scene.bargeIn.mayBegin(scene.now), true);
  });

  it('that goes on makes us give way', () => {
    const scene = waiting();
    scene.pass(5_000);
    assert.deepEqual(scene.decisions.at(-1), ['cut', 1_060 + 450 + END_MS]);
  });
});

describe('A noise', () => {
  it('that never ends costs one sentence; we speak over it after that', () => {
    const scene = new Scene();
    scene.voice(true);
    scene.pass(1_000);
    scene.target = 'waiting';
    scene.meets();
    assert.equal(scene.bargeIn.mayBegin(scene.now), true);
    assert.deepEqual(scene.words, ['hold', 'cut']);
  });

  it('of three seconds without a word does not make us wait at all', () => {
    const scene = new Scene();
    scene.target = 'none';
    scene.voice(true);
    scene.pass(3_000);
    scene.target = 'waiting';
    scene.meets();
    assert.deepEqual(scene.decisions, []);
  });

  it('with words in it is a person, however long they speak', () => {
    const scene = new Scene();
    scene.target = 'none';
    scene.voice(true);
    scene.understood('so what happened was');
    scene.pass(8_000);
    scene.target = 'waiting';
    scene.meets();
    assert.deepEqual(scene.words, ['hold']);
  });

  it('that comes and goes holds us for two seconds, then not any more until it stays away', () => {
    const scene = new Scene();
    const crackle = (): void => {
      scene.speaks(100);
      scene.pass(60);
    };
    for (let times = 0; times < 20; times++) crackle();
    assert.deepEqual(scene.decisions, [
      ['hold', START_MS],
      ['resume', START_MS + 2_000],
    ]);
    scene.understood('hello can you hear me');
    assert.deepEqual(scene.words, ['hold', 'resume', 'cut']);
    scene.pass(1_000);
    scene.target = 'begun';
    scene.voice(true);
    assert.equal(scene.words.at(-1), 'hold');
  });
});

type Deed =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'voice' }
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'understood'; readonly text: string };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ kind: fc.constant('voice' as const) }),
  fc.record({
    kind: fc.constant('target' as const),
    target: fc.constantFrom<Target>('none', 'begun', 'waiting'),
  }),
  fc.record({ kind: fc.constant('understood' as const), text: fc.constantFrom('', 'mhm', 'stop it') }),
);

/** Does what is drawn. What is to be said changes only outside a hold. */
function perform(scene: Scene, deeds: readonly Deed[]): void {
  let isSpeaking = false;
  for (const step of deeds) {
    if (step.kind === 'pass') scene.pass(step.ms);
    else if (step.kind === 'understood') scene.understood(step.text);
    else if (step.kind === 'voice') {
      isSpeaking = !isSpeaking;
      scene.voice(isSpeaking);
    } else if (!scene.bargeIn.isHolding) {
      scene.target = step.target;
      scene.meets();
    }
    if (scene.bargeIn.isHolding) assert.notEqual(scene.bargeIn.deadline, null);
  }
}

function checkDecisions({ decisions }: Scene): void {
  let heldAt: number | null = null;
  for (const [word, at] of decisions) {
    if (word === 'hold') assert.equal(heldAt, null, 'held twice');
    if (word === 'resume') assert.notEqual(heldAt, null, 'resumed without a hold');
    if (heldAt !== null) assert.ok(at - heldAt <= 2_000, `held for ${at - heldAt} ms`);
    heldAt = word === 'hold' ? at : null;
  }
}

describe('After anything a caller may do', () => {
  it('a hold begins only for something, ends in one way, and within two seconds', () => {
    fc.assert(
      fc.property(
        fc.array(deed, { maxLength: 40 }),
        fc.constantFrom<Sensitivity>('low', 'medium', 'high'),
        (deeds, sensitivity) => {
          const scene = new Scene(sensitivity);
          perform(scene, deeds);
          scene.pass(2_000);
          assert.equal(scene.bargeIn.isHolding, false);
          checkDecisions(scene);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('an endless noise never keeps us silent for more than four seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.boolean(), (beforeMs, isBegun) => {
        const scene = new Scene();
        scene.target = 'none';
        scene.voice(true);
        scene.pass(beforeMs);
        scene.target = isBegun ? 'begun' : 'waiting';
        scene.meets();
        scene.pass(4_000);
        scene.target = 'waiting';
        scene.meets();
        assert.equal(scene.bargeIn.mayBegin(scene.now), true);
      }),
    );
  });
});
