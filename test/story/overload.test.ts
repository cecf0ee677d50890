// Stories of a machine at its limit, on every carrier: who calls then is told, who talks goes on, and it passes.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import type { Load } from '../../src/lib/beat.ts';
import { CarrierStage } from '../conformance/carrier-stage.ts';
import { CARRIERS, type CarrierName } from '../conformance/exchanges.ts';
import { plainStreaming } from './line.ts';
import { ALICE, LET_IN, LiveStage, STRANGER, WELCOME } from './live-stage.ts';
import { RealtimeStage } from './realtime-stage.ts';

const BUSY = 'All lines are busy. Please call again later. Goodbye.';
const CAROL = '+15550007777';
const MODES = {
  'the carrier speaks': (carrier: CarrierName) => new CarrierStage(carrier, { settings: LET_IN }),
  'we speak on media streams': (carrier: CarrierName) => new LiveStage(carrier, {}),
  'a voice model speaks': (carrier: CarrierName) => new RealtimeStage(carrier),
};

async function opened<Stage extends CarrierStage>(test: TestContext, stage: Stage): Promise<Stage> {
  test.after(() => stage.close());
  await stage.open();
  return stage;
}

/** The main thread stands still for a second and a half, again and again. */
async function stall(stage: CarrierStage, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await stage.clock.stall(1_500);
}

/** Alice calls, and goes on talking whatever happens. */
async function aliceTalks(stage: CarrierStage): Promise<void> {
  stage.dialIn((human) => {
    for (const words of ['One', 'Two', 'Three', 'Four', 'Five']) human.says(words, { afterMs: 2_500 });
    human.hangsUp({ afterMs: 4_000 });
  });
  await stage.until(() => heardBy(stage, 0).includes(WELCOME));
  await stage.until(500);
}

function callIn(stage: CarrierStage, from: string): void {
  stage.dialIn((human) => human.hangsUp({ afterMs: 8_000 }), from);
}

const heardBy = (stage: CarrierStage, call: number): readonly string[] =>
  stage.exchange.calls[call]?.heard.map(({ text }) => text) ?? [];

const troubles = (stage: CarrierStage): readonly string[] =>
  stage.app.health.troubles().map(({ code }) => code);

for (const [mode, make] of Object.entries(MODES))
  describe(`On a machine at its limit, while ${mode}`, () => {
    for (const carrier of CARRIERS)
      it(`who calls is told so and hung up, who talks goes on, and soon all are taken again: ${carrier}`, async (test) => {
        const stage = await opened(test, make(carrier));
        await aliceTalks(stage);
        await stall(stage, 6);
        assert.deepEqual(troubles(stage), ['VC_MACHINE_FULL']);

        const dials = stage.exchange.asked.filter(({ action }) => action === 'create').length;
        await assert.rejects(stage.app.phone.place(placeRequest({ to: CAROL })), {
          code: 'VC_MACHINE_FULL',
          message: /the Gateway's own thread is \d+ % busy and 1\d\d\d ms late$/,
        });
        assert.equal(stage.exchange.asked.filter(({ action }) => action === 'create').length, dials);

        callIn(stage, STRANGER);
        await stage.until(() => stage.exchange.calls[1]?.isAlive === false);
        assert.deepEqual(heardBy(stage, 1), [BUSY]);
        assert.equal(stage.exchange.calls[1]?.end?.by, 'plugin');
        assert.equal(stage.exchange.calls[1]?.streams.length, 0, 'the carrier says it');
        assert.deepEqual(stage.records.find(({ from }) => from === STRANGER)?.end, {
          reason: 'hangup-bot',
          cause: 'refused: this machine is at its limit',
        });

        await stage.until(() => troubles(stage).length === 0);
        callIn(stage, CAROL);
        await stage.over();
        assert.equal(heardBy(stage, 2)[0], WELCOME);
        // In a story the thread of the sound stands still too: what was said meanwhile came in pieces.
        const answers = ['Two', 'Three', 'Four', 'Five'].map((words) => `You said: ${words}`);
        assert.deepEqual(heardBy(stage, 0).slice(-4), answers);
        assert.equal(heardBy(stage, 0)[0], WELCOME);
        assert.deepEqual(stage.exchange.problems, []);
        assert.equal(stage.clock.pending, 0, 'nothing is measured when nobody calls');
        const said = stage.log.lines.filter(({ fields }) => fields['subject'] === 'load');
        assert.deepEqual(
          said.map(({ text }) => text),
          ['not well', 'well again'],
        );
        if (!(stage instanceof RealtimeStage)) assert.equal(stage.agent.prepared.length, 2);
        else assert.equal(stage.model.sessions.length, 2);
      });
  });

describe('A machine is not at its limit', () => {
  it('because an agent blocks it, or ten do, or it stands still once', async (test) => {
    const stage = await opened(test, new LiveStage('twilio', {}));
    await aliceTalks(stage);
    for (let block = 0; block < 40; block++) await stage.clock.stall(210);
    await stall(stage, 4);
    await stage.until(1_000);
    await stage.clock.stall(20_000);
    await stage.until(1_000);
    assert.deepEqual(troubles(stage), []);
    callIn(stage, STRANGER);
    await stage.over();
    assert.equal(heardBy(stage, 1)[0], WELCOME);
  });

  it('before the first call, whatever else it does', async (test) => {
    const stage = await opened(test, new LiveStage('twilio', {}));
    await stall(stage, 10);
    callIn(stage, STRANGER);
    await stage.over();
    assert.equal(heardBy(stage, 0)[0], WELCOME);
  });
});

describe('The thread of the sound', () => {
  const HARD: Load = { lateMs: 20, busy: 0.95 };
  const started = async (test: TestContext): Promise<{ stage: LiveStage; line: (load: Load) => void }> => {
    let line: (load: Load) => void = () => assert.fail('nobody listens');
    const onLine = ({ onLoad }: { readonly onLoad?: (load: Load) => void }): void => {
      line = onLoad ?? line;
    };
    const stage = await opened(test, new LiveStage('twilio', { streaming: { onLine } }));
    return { stage, line: (load) => line(load) };
  };

  it('fills the house when it is busy all the time, until it is not', async (test) => {
    const { stage, line } = await started(test);
    await aliceTalks(stage);
    for (let second = 0; second < 5; second++) line(HARD);
    callIn(stage, STRANGER);
    await stage.until(() => stage.exchange.calls[1]?.isAlive === false);
    assert.deepEqual(heardBy(stage, 1), [BUSY]);
    const [trouble] = stage.app.health.troubles();
    assert.match(trouble?.message ?? '', /the thread of their sound is 95 % busy and 20 ms late$/);
    for (let second = 0; second < 3; second++) line({ lateMs: 1, busy: 0.5 });
    assert.deepEqual(troubles(stage), []);
    await stage.over();
  });

  it('that tells nothing any more is not what fills the house', async (test) => {
    const { stage, line } = await started(test);
    await aliceTalks(stage);
    for (let second = 0; second < 5; second++) line(HARD);
    await stage.until(4_000);
    assert.deepEqual(troubles(stage), ['VC_MACHINE_FULL']);
    await stage.until(4_000);
    assert.deepEqual(troubles(stage), []);
    await stage.over();
  });

  it('leaves nothing behind when the last call ends', async (test) => {
    const { stage, line } = await started(test);
    stage.dialIn((human) => human.hangsUp({ afterMs: 1_000 }), ALICE);
    await stage.until(() => stage.records.some(({ phase }) => phase === 'live'));
    for (let second = 0; second < 5; second++) line(HARD);
    assert.deepEqual(troubles(stage), ['VC_MACHINE_FULL']);
    await stage.until(() => stage.app.openCalls() === 0);
    assert.deepEqual(troubles(stage), []);
    await stage.over();
  });
});

describe('A caller for whom there is no media stream', () => {
  /** How long they waited for a word. */
  const waited = (stage: CarrierStage, call: number): number => {
    const { heard, answeredAt } = stage.exchange.calls[call] ?? {};
    return (heard?.[0]?.from ?? Number.NaN) - (answeredAt ?? Number.NaN);
  };
  for (const carrier of CARRIERS) {
    it(`is greeted and answered by the carrier's own voice at once: ${carrier}`, async (test) => {
      const streaming = { ...plainStreaming, maxConnections: 1 };
      const stage = await opened(test, new LiveStage(carrier, { settings: { streaming } }));
      await aliceTalks(stage);
      stage.dialIn((human) => human.says('Hello?').hangsUp({ afterMs: 4_000 }), STRANGER);
      await stage.over();
      const [alice, stranger] = stage.exchange.calls;
      assert.deepEqual(heardBy(stage, 1), [WELCOME, 'You said: Hello?']);
      assert.ok(waited(stage, 1) <= 100, `${waited(stage, 1)} ms`);
      assert.equal(stranger?.streams.length, 0);
      assert.ok(alice?.ear.text.endsWith('You said: Five'), 'Alice keeps hers');
      callIn(stage, CAROL);
      await stage.over();
      assert.equal(stage.exchange.calls[2]?.streams.length, 1, 'there is room again');
    });

    it(`because each is turned away at our door, hears the carrier's own voice: ${carrier}`, async (test) => {
      const streaming = { ...plainStreaming, maxPendingConnections: 0 };
      const stage = await opened(test, new LiveStage(carrier, { settings: { streaming } }));
      callIn(stage, STRANGER);
      await stage.over();
      assert.deepEqual(heardBy(stage, 0), [WELCOME]);
      assert.ok(waited(stage, 0) <= 2_000, `${waited(stage, 0)} ms`);
      assert.ok(stage.log.lines.some(({ text }) => text === 'media stream refused'));
    });
  }
});
