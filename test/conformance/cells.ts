// Cells: story x carrier x fault: which there are, why some make no sense, and how one of them is played.
import assert from 'node:assert/strict';
import { CarrierStage } from './carrier-stage.ts';
import { CARRIERS, type CarrierName, type FaultName } from './exchanges.ts';
import { STORIES, type Story } from './stories.ts';

export const FAULTS: readonly FaultName[] = [
  'none',
  'duplicated webhooks',
  'reordered webhooks',
  'late webhooks',
  'lost status webhooks',
  'answer before create response',
  '503 on create',
  '429 on commands',
  'slow REST',
];

export interface Cell {
  readonly story: Story;
  readonly carrier: CarrierName;
  readonly fault: FaultName;
  /** Why this combination makes no sense; null when it does. */
  readonly senseless: string | null;
}

const CREATE_FAULTS: readonly FaultName[] = ['answer before create response', '503 on create'];

function senseless(story: Story, fault: FaultName): string | null {
  if (story.direction === 'inbound' && CREATE_FAULTS.includes(fault))
    return 'no call is created: somebody calls us';
  if (story.name === 'cancelled while it rings' && fault === 'answer before create response')
    return 'nobody can name the call while its dialling is not answered';
  return null;
}

export const CELLS: readonly Cell[] = CARRIERS.flatMap((carrier) =>
  STORIES.flatMap((story) =>
    FAULTS.map((fault) => ({ story, carrier, fault, senseless: senseless(story, fault) })),
  ),
);

/**
 * Plays one cell on a stage of its own; rejects with what went wrong. `spared`: the fault had no occasion, because
 * this carrier needs no such request or webhook for this story.
 */
export async function playCell({ story, carrier, fault }: Cell): Promise<'struck' | 'spared'> {
  const stage = new CarrierStage(carrier, story.options);
  try {
    await stage.open();
    stage.exchange.switchOn(fault);
    if (fault === '503 on create') await refusedDialling(stage, story);
    else await story.run(stage, fault);
    nothingIsLeft(stage);
    if (fault === 'none')
      assert.deepEqual(stage.exchange.problems, [], 'the carrier has nothing to complain of');
    return fault === 'none' || stage.exchange.strikes() > 0 ? 'struck' : 'spared';
  } finally {
    await stage.close();
  }
}

/** A carrier that cannot place the call: said with a cure, dialled once, and nothing stays behind. */
async function refusedDialling(stage: CarrierStage, story: Story): Promise<void> {
  const mode = story.name === 'notify' ? 'notify' : 'conversation';
  await assert.rejects(stage.place({ mode }), { code: 'VC_DIAL_FAILED', message: /503/ });
  await stage.until(100_000);
  assert.deepEqual(stage.exchange.calls, []);
  assert.equal(stage.exchange.asked.filter(({ action }) => action === 'create').length, 1);
  assert.equal(stage.ours.end?.reason, 'failed');
}

function nothingIsLeft(stage: CarrierStage): void {
  assert.equal(stage.app.openCalls(), 0, 'no call stays open');
  assert.equal(stage.clock.pending, 0, 'no timer is left');
  const troubles = stage.log.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(troubles, []);
}
