// Advisory: what one row of the table is, and what most rows need: a call in progress, and requests that change nothing.
import assert from 'node:assert/strict';
import { CarrierStage, type StageOptions } from '../conformance/carrier-stage.ts';
import { CELLS, playCell } from '../conformance/cells.ts';
import type { FaultName, Letter, Script } from '../conformance/exchange.ts';
import type { CarrierName } from '../conformance/exchanges.ts';
import type { Answer } from './knock.ts';

export interface Advisory {
  readonly id: string;
  readonly rule: string;
  /** Tries it on one carrier. */
  readonly attempt: (carrier: CarrierName) => Promise<void>;
}

export const OPEN: StageOptions = { settings: { inboundPolicy: 'open' } };
export const TALKER: Script = (human) => human.says('One').says('Two').hangsUp({ afterMs: 30_000 });

export async function onStage(
  carrier: CarrierName,
  options: StageOptions,
  run: (stage: CarrierStage) => Promise<void>,
): Promise<void> {
  const stage = new CarrierStage(carrier, options);
  try {
    await stage.open();
    await run(stage);
  } finally {
    await stage.close();
  }
}

/** A call that came in and talks, and every webhook of it so far. */
export function inCall(
  carrier: CarrierName,
  run: (stage: CarrierStage) => Promise<void>,
  options = OPEN,
): Promise<void> {
  return onStage(carrier, options, async (stage) => {
    stage.dialIn(TALKER);
    await stage.until(() => stage.agent.turns.length === 2);
    await stage.until(3_000);
    await run(stage);
  });
}

/** What must not change when nothing may happen. */
export const stateOf = (stage: CarrierStage): string =>
  JSON.stringify([stage.app.phone.list(50), stage.agent.turns.length, stage.exchange.asked.length]);

/** Sends every webhook so far with changes; each is refused or answered, and nothing at all happens. */
export async function changesNothing(
  stage: CarrierStage,
  send: (letter: Letter) => Promise<Answer>,
  statuses: readonly number[],
): Promise<void> {
  const before = stateOf(stage);
  const letters = [...stage.exchange.letters];
  assert.ok(letters.length >= 2);
  for (const letter of letters) {
    const { status } = await send(letter);
    assert.ok(statuses.includes(status), `${status} for ${letter.url}`);
  }
  assert.equal(stateOf(stage), before);
}

export function headerLike(letter: Letter, part: RegExp): [name: string, value: string] {
  const found = Object.entries(letter.headers).find(([name]) => part.test(name));
  assert.ok(found, 'a signature header');
  return found;
}

/** Plays a cell of the conformance table by name. */
export const cell = (name: string, fault: FaultName) => async (carrier: CarrierName) => {
  const found = CELLS.find(
    (one) => one.carrier === carrier && one.story.name === name && one.fault === fault,
  );
  assert.ok(found && found.senseless === null);
  await playCell(found);
};
