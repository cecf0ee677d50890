// Model speech, whatever comes in whatever order: nothing throws, nothing is left behind, nobody waits for ever.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ModelStage } from '../../sim/model-stage.ts';

/** Each tool call has an id of its own. */
let asked = 0;

const deeds = {
  wait: async (stage: ModelStage, n: number) => stage.clock.advance(n * 400),
  says: async ({ session }: ModelStage, n: number) =>
    void session.says('Something of its own.', 200 + n * 300),
  begins: async ({ session }: ModelStage, n: number) => void session.begins('And then', 100 + n * 100),
  obeys: async ({ session }: ModelStage) => void session.says('Your table is ready.', 900),
  interrupted: async ({ session }: ModelStage) => session.provider.onInterrupted(),
  hears: async ({ session }: ModelStage, n: number) => session.provider.onHeard(`Words ${n}`, n % 3 !== 0),
  consults: async ({ session }: ModelStage, n: number) =>
    session.provider.onTool({
      id: `t${++asked}`,
      name: 'openclaw_agent_consult',
      args: { question: `q${n % 3}` },
    }),
  answers: async ({ consultant }: ModelStage, n: number) =>
    consultant.consults.at(-1 - (n % 3))?.resolve(`a${n}`),
  hangsUp: async ({ session }: ModelStage) =>
    session.provider.onTool({ id: `e${++asked}`, name: 'openclaw_end_call', args: {} }),
  breaks: async ({ session }: ModelStage) => session.provider.onGone('it broke', false),
  voice: async ({ lines }: ModelStage, n: number) => lines.tell({ kind: 'voice', isSpeaking: n % 2 === 0 }),
  cut: async ({ lines }: ModelStage) => lines.cut(),
  digit: async ({ lines }: ModelStage, n: number) => lines.tell({ kind: 'digit', digit: String(n) }),
  stream: async (stage: ModelStage) => {
    const n = stage.call.stream?.n;
    if (n === undefined) return;
    stage.lines.disconnect(n);
    // One that broke too often is not waited for any more, and would not be let in.
    if (stage.call.stream) stage.lines.connect(n + 1);
  },
  speak: async (stage: ModelStage, n: number) =>
    stage.now({ kind: 'speakRequested', requestId: `r${n}`, text: 'Your table is ready.' }),
  ask: async (stage: ModelStage, n: number) =>
    stage.now({ kind: 'askRequested', askId: `a${n}`, text: 'Why?' }),
  keys: async (stage: ModelStage, n: number) =>
    stage.now({ kind: 'digitsRequested', requestId: `k${n}`, digits: '12#' }),
} satisfies Record<string, (stage: ModelStage, n: number) => Promise<void>>;

type Deed = keyof typeof deeds;
const names = Object.keys(deeds) as Deed[];

interface Life {
  readonly interruptsItself: boolean;
  readonly consultPolicy: 'auto' | 'always';
  readonly all: readonly (readonly [Deed, number])[];
}

const life: fc.Arbitrary<Life> = fc.record({
  interruptsItself: fc.boolean(),
  consultPolicy: fc.constantFrom('auto' as const, 'always' as const),
  all: fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(9)), { maxLength: 40 }),
});

async function live({ interruptsItself, consultPolicy, all }: Life): Promise<ModelStage> {
  const stage = new ModelStage({ maxDurationMs: 120_000 }, { consultPolicy });
  stage.model.interruptsItself = interruptsItself;
  await stage.picked();
  for (const [deed, n] of all) {
    await deeds[deed](stage, n);
    await stage.clock.advance(0);
  }
  // The longest a call may last is over by then.
  await stage.clock.advance(130_000);
  return stage;
}

describe('A call that a voice model holds', () => {
  it('comes to its end by itself, with everything accounted for and nothing left behind', async () => {
    const check = async (plan: Life): Promise<void> => {
      const stage = await live(plan);
      assert.notEqual(stage.call.phase, 'live');
      stage.now({ kind: 'carrierEnded', reason: 'completed', cause: 'over' });
      await stage.clock.advance(0);
      assert.ok(stage.model.sessions.every(({ isClosed }) => isClosed));
      for (const { asked, isOver } of stage.consultant.consults) assert.ok(asked.signal.aborted || isOver);
      assert.equal(stage.clock.pending, 0, 'no timer is left');
      assert.deepEqual(stage.lines.waiting, []);
      assert.deepEqual(
        stage.said.filter((line) => line.startsWith('agent (playing)')),
        [],
      );
      assert.deepEqual(
        stage.warnings.filter((text) => text.includes('failed')),
        [],
      );
      for (const { results } of stage.model.sessions) {
        const ids = results.filter(({ isProgress }) => !isProgress).map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length, 'each question has one answer');
      }
    };
    await fc.assert(fc.asyncProperty(life, check), { numRuns: 150 });
  });
});
