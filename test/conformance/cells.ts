// Cells: story x carrier x fault: which there are, why some make no sense, and how one of them is played.
import assert from 'node:assert/strict';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { CarrierStage } from './carrier-stage.ts';
import { type FaultName, RETRY_AFTER_S } from './exchange.ts';
import { CARRIERS, type CarrierName } from './exchanges.ts';
import { STORIES } from './stories.ts';
import type { AnyFault, Story } from './story.ts';
import {
  STREAM_EXPLAINED,
  STREAM_FAULTS,
  type StreamFaultName,
  streamSenseless,
  strikesStreams,
  switchStreams,
} from './stream-faults.ts';

const WEBHOOK_FAULTS: readonly FaultName[] = [
  'none',
  'duplicated webhooks',
  'reordered webhooks',
  'webhooks after the end',
  'late webhooks',
  'webhooks lost at first',
  'lost status webhooks',
  'answer before create response',
  '503 on create',
  '429 on create',
  '429 on commands',
  'slow REST',
];

/** Where the carrier speaks, then over media streams. */
export const FAULTS: readonly AnyFault[] = [...WEBHOOK_FAULTS, ...STREAM_FAULTS];

/** What the longer names in the table mean. */
export const EXPLAINED: Readonly<Partial<Record<AnyFault, string>>> = {
  ...STREAM_EXPLAINED,
  'duplicated webhooks': 'each comes again, at once or when the call has gone on',
  'reordered webhooks': 'what this carrier sends side by side changes places',
  'webhooks after the end': 'news and receipts come when the call is over, and a second copy of all else',
  'late webhooks': 'each takes 1.5 s',
  'webhooks lost at first': 'each arrives only with the repetition the carrier promises',
  'lost status webhooks': 'what a call can do without never comes: news, receipts, the end',
  '503 on create': 'the order is refused once; given again by hand, the story is told',
  '429 on create': `the same, with Retry-After: ${RETRY_AFTER_S}`,
};

/** Why a fault struck nothing; anything else would be a fault that was never played. */
export const SPARED: Readonly<Partial<Record<AnyFault, string>>> = {
  'reordered webhooks': 'this carrier sends nothing side by side here that could change places',
  'webhooks after the end': 'all that comes is the end itself',
  '429 on commands': 'this carrier needs no command here: it asks, and is answered',
  'slow REST': 'this carrier is asked nothing here',
  'stream drops': 'the stream was over before it could break',
  'stream stalls': 'the stream was over before it could stall',
  'marks are lost': 'nothing was said that a mark could follow',
};

export interface Cell {
  readonly story: Story;
  readonly carrier: CarrierName;
  readonly fault: AnyFault;
  /** Why this combination makes no sense; null when it does. */
  readonly senseless: string | null;
}

const REFUSALS: Readonly<Partial<Record<AnyFault, RegExp>>> = {
  // Nobody can know whether it was dialled: looking is the cure, not repeating.
  '503 on create': /503.*may have been placed all the same, so it is not repeated: look into the .+ first/,
  '429 on create': new RegExp(`429.*nothing was dialled, try again in ${RETRY_AFTER_S} s`),
};
const ORDER_FAULTS: readonly AnyFault[] = ['reordered webhooks', 'webhooks after the end'];
const CREATE_FAULTS: readonly AnyFault[] = [
  'answer before create response',
  '503 on create',
  '429 on create',
];

function isOfStreams(fault: AnyFault): fault is StreamFaultName {
  return STREAM_FAULTS.some((name) => name === fault);
}

function senseless(story: Story, fault: AnyFault, carrier: CarrierName): string | null {
  if (isOfStreams(fault)) return story.streamless ?? streamSenseless(fault, carrier);
  if (story.brings !== undefined && fault !== 'none')
    return `the story has a fault of its own: ${story.brings}`;
  if (story.direction === 'inbound' && CREATE_FAULTS.includes(fault))
    return 'no call is created: somebody calls us';
  if (story.name === 'cancelled while it rings' && fault === 'answer before create response')
    return 'nobody can name the call while its dialling is not answered';
  return null;
}

export const CELLS: readonly Cell[] = CARRIERS.flatMap((carrier) =>
  STORIES.flatMap((story) =>
    FAULTS.map((fault) => ({ story, carrier, fault, senseless: senseless(story, fault, carrier) })),
  ),
);

/**
 * Plays one cell on a stage of its own; rejects with what went wrong. `spared`: the fault had no occasion, and
 * SPARED says why that may be.
 */
export async function playCell({ story, carrier, fault }: Cell): Promise<'struck' | 'spared'> {
  if (isOfStreams(fault)) return playStreamed(story, carrier, fault);
  const stage = new CarrierStage(carrier, story.options);
  const { exchange } = stage;
  try {
    await stage.open();
    exchange.switchOn(fault);
    const refusal = REFUSALS[fault];
    if (refusal) stage.beforePlacing = (order) => refusedDialling(stage, order, refusal);
    await story.run(stage, fault);
    nothingIsLeft(stage);
    if (refusal)
      assert.deepEqual([creates(stage), exchange.calls.length], [2, 1], 'once refused, once dialled');
    if (fault === 'none') {
      assert.deepEqual(exchange.problems, [], 'the carrier has nothing to complain of');
      return 'struck';
    }
    const struck = ORDER_FAULTS.includes(fault) ? exchange.overtaken() : exchange.strikes();
    if (struck > 0) return 'struck';
    assert.ok(SPARED[fault] !== undefined, `"${fault}" struck nothing`);
    return 'spared';
  } finally {
    await stage.close();
  }
}

/** The same story over media streams, where the carrier only speaks when there is no stream. */
async function playStreamed(
  story: Story,
  carrier: CarrierName,
  fault: StreamFaultName,
): Promise<'struck' | 'spared'> {
  const stage = new CarrierStage(carrier, { ...story.options, streaming: {} });
  const { exchange } = stage;
  try {
    await stage.open();
    switchStreams(exchange.media, fault);
    await story.run(stage, fault);
    nothingIsLeft(stage);
    assert.ok(exchange.media.streams.length > 0, 'the carrier was asked for a stream');
    assert.ok(
      exchange.media.streams.every(({ end }) => end !== undefined),
      'no stream outlives its call',
    );
    if (fault !== 'no stream') assert.deepEqual(stage.carrierSpeech, [], 'the carrier need not speak');
    if (fault === 'stream') assert.deepEqual(exchange.problems, [], 'the carrier has nothing to complain of');
    if (strikesStreams(fault, exchange.media.streams)) return 'struck';
    assert.ok(SPARED[fault] !== undefined, `"${fault}" struck nothing`);
    return 'spared';
  } finally {
    await stage.close();
  }
}

/**
 * The carrier refuses the story's own order: said with the cure, dialled once however long we wait, and on record.
 * Then the same order is given again, by hand: nothing that stayed behind may be in its way.
 */
async function refusedDialling(
  stage: CarrierStage,
  order: Partial<PlaceRequest>,
  message: RegExp,
): Promise<void> {
  await assert.rejects(stage.place(order), { code: 'VC_DIAL_FAILED', message });
  await stage.until(100_000);
  assert.deepEqual([creates(stage), stage.exchange.calls, stage.app.openCalls()], [1, [], 0]);
  const [record, ...others] = stage.app.phone.list(10);
  assert.deepEqual([record?.phase, record?.end?.reason, others], ['ended', 'failed', []]);
  assert.match(record?.end?.cause ?? '', message, 'the record keeps the carrier’s reason');
}

function creates({ exchange }: CarrierStage): number {
  return exchange.asked.filter(({ action }) => action === 'create').length;
}

function nothingIsLeft({ app, clock, log, agent }: CarrierStage): void {
  assert.equal(app.openCalls(), 0, 'no call stays open');
  assert.equal(clock.pending, 0, 'no timer is left');
  const kept = agent.prepared.filter((callId) => !agent.released.includes(callId));
  assert.deepEqual(kept, [], 'no agent is kept waiting for a call that is over');
  const troubles = log.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(troubles, []);
}
