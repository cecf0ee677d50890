// The store cannot be written for a while: calls in progress go on, no other is begun, and nothing needs a restart.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, type TestContext } from 'node:test';
import { victimProgram } from '../../tools/crash-sweep/program.ts';
import { ALICE, OURS, Stage } from '../../tools/crash-sweep/stage.ts';

/** How the store is kept from being written; gives back what ends it. */
type Trouble = (stage: Stage) => () => void;

const troubles: Readonly<Record<string, Trouble>> = {
  'the disk is full': (stage) => {
    stage.fillDisk(true);
    return () => stage.fillDisk(false);
  },
  'another program holds the store': (stage) => {
    const other = new DatabaseSync(stage.storeFile);
    other.exec('BEGIN IMMEDIATE');
    return () => other.close();
  },
};
// Only Linux lets one process limit the files of another.
const here = Object.entries(troubles).filter(([name]) => process.platform === 'linux' || !/disk/.test(name));

describe('The store cannot be written', () => {
  let folder: string;
  let program: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'voice-call-full-'));
    program = await victimProgram(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function staged(test: TestContext): Promise<Stage> {
    const stage = new Stage({ carrier: 'twilio', sin: null, program });
    test.after(() => stage.close());
    await stage.exchange.listen();
    await stage.start(null);
    return stage;
  }

  for (const [name, trouble] of here) {
    it(`because ${name}: health says so, the call goes on, none is begun, the next works as soon as it can`, async (test) => {
      const stage = await staged(test);
      const { exchange } = stage;
      const dialled = (): number => exchange.asked.filter(({ action }) => action === 'create').length;
      exchange.expect(ALICE, (human) =>
        human.says('One', { afterMs: 4_000 }).says('Two').hangsUp({ afterMs: 2_000 }),
      );
      await stage.tell({ kind: 'place', mode: 'conversation', to: ALICE });
      await stage.until(() => exchange.calls[0]?.answeredAt !== undefined);
      await stage.until(1_000);
      const before = stage.books();

      const end = trouble(stage);
      await stage.until(() => exchange.calls[0]?.isAlive === false);
      const heard = exchange.calls[0]?.heard.map(({ text }) => text);
      assert.deepEqual(heard, ['Good morning.', 'You said: One', 'You said: Two']);
      assert.deepEqual(stage.victim.troubles, ['VC_STORE_FAILED']);
      assert.equal(stage.books().steps, before.steps, 'nothing could be written');
      await stage.tell({ kind: 'place', mode: 'notify', to: ALICE });
      assert.match(stage.victim.faults.join(), /^place: The call store could not be written/);
      exchange.dialIn(ALICE, OURS, (human) => human.givesUpAfter(10_000));
      await stage.until(15_000);
      assert.deepEqual([dialled(), exchange.calls.length], [1, 2], 'nobody was dialled');

      end();
      await stage.until(6_000);
      assert.deepEqual(stage.victim.troubles, []);
      const [call] = stage.books().calls;
      assert.deepEqual([call?.phase, call?.transcript.length], ['ended', 5], 'it is on record to its end');
      await stage.tell({ kind: 'place', mode: 'notify', to: ALICE });
      await stage.until(() => exchange.calls.length === 3 && exchange.calls.every(({ isAlive }) => !isAlive));
      await stage.until(15_000);
      assert.deepEqual(
        stage.books().calls.map(({ phase }) => phase),
        ['ended', 'ended'],
      );
      // The order, and the caller who could not be met.
      assert.equal(stage.victim.faults.length, 2, stage.victim.faults.join('\n'));
    });
  }
});
