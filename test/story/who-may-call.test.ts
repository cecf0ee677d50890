// Who may call, on every carrier: turned away at the carrier, told that all lines are busy, or paired by a code.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Settings } from '../../src/config/settings.ts';
import { type AnyLine, overOn, starts } from './any-line.ts';
import { ALICE, PUBLIC_URL, STRANGER } from './app-line.ts';

const GREETING = /^Hello/;
const BUSY = 'All lines are busy. Please call again later. Goodbye.';

for (const [name, open] of Object.entries(starts)) {
  const start = (test: TestContext, settings: Partial<Settings>): Promise<AnyLine> =>
    open(test, { settings: { publicUrl: PUBLIC_URL, allowFrom: [], ...settings } });
  /** Somebody calls and listens until we hang up, or half a minute. */
  const callIn = (scene: AnyLine, from: string): (() => readonly string[]) =>
    scene.callIn(from, (person) => person.hangsUp({ afterMs: 30_000 }));

  describe(`On ${name}, a caller`, () => {
    it('who may not call is turned away unanswered, also when the carrier’s API fails meanwhile', async (test) => {
      const scene = await start(test, { inboundPolicy: 'disabled' });
      scene.failTwice();
      const heard = callIn(scene, ALICE);
      await overOn(scene);
      assert.deepEqual(heard(), []);
      const [call] = scene.line.phone.list(1);
      assert.deepEqual(
        [call?.end, call?.answeredAt],
        [{ reason: 'hangup-bot', cause: 'refused: inbound calls are disabled' }, null],
      );
    });

    it('beyond the limit hears that all lines are busy and is hung up, even at the third try', async (test) => {
      const scene = await start(test, { inboundPolicy: 'open', maxInboundCalls: 1 });
      const first = callIn(scene, ALICE);
      await scene.line.until(() => scene.line.phone.list(1)[0]?.phase === 'live');
      await scene.line.until(2_000);
      scene.failTwice();
      const second = callIn(scene, STRANGER);
      await scene.line.until(4_000);
      const third = callIn(scene, '+15550007777');
      await overOn(scene);
      assert.match(first()[0] ?? '', GREETING);
      assert.deepEqual([second(), third()], [[BUSY], [BUSY]]);
      assert.equal(scene.line.agent.prepared.length, 1);
      const refusals = scene.line.phone.list(9).filter(({ mode }) => mode === 'notify');
      assert.deepEqual(
        refusals.map(({ end }) => end),
        Array(2).fill({ reason: 'hangup-bot', cause: 'refused: all lines are busy' }),
      );
    });

    it('nobody knows hears a code, and is let in once it was approved', async (test) => {
      const scene = await start(test, { inboundPolicy: 'pairing', allowFrom: [ALICE] });
      const unknown = callIn(scene, STRANGER);
      await overOn(scene);
      const [pairing] = scene.line.phone.pairings();
      assert.ok(pairing);
      assert.equal(pairing.from, STRANGER);
      assert.deepEqual(scene.line.agent.prepared, [], 'no agent hears of somebody unknown');
      const [said, ...more] = unknown();
      assert.ok(said?.includes([...pairing.code].join(', ')), said);
      assert.deepEqual(more, []);

      const again = callIn(scene, STRANGER);
      await overOn(scene);
      assert.deepEqual(again(), unknown(), 'the same code while it lasts');

      assert.throws(() => scene.line.phone.approve('none'), { code: 'VC_PAIRING_UNKNOWN' });
      assert.deepEqual(scene.line.phone.approve(pairing.code), { from: STRANGER });
      assert.deepEqual(scene.line.phone.pairings(), []);
      const known = callIn(scene, STRANGER);
      const listed = callIn(scene, ALICE);
      await overOn(scene);
      for (const heard of [known(), listed()]) assert.match(heard[0] ?? '', GREETING);

      const logged = JSON.stringify(scene.line.log.lines);
      for (const secret of [pairing.code, [...pairing.code].join(', '), STRANGER]) {
        assert.ok(!logged.includes(secret), secret);
      }
    });

    it('who hides their number is not told a code', async (test) => {
      const scene = await start(test, { inboundPolicy: 'pairing' });
      const heard = callIn(scene, 'anonymous');
      await overOn(scene);
      assert.deepEqual([heard(), scene.line.phone.pairings()], [[], []]);
      assert.equal(scene.line.phone.list(1)[0]?.end?.cause, 'refused: the caller hides their number');
    });
  });
}
