// Story: what one row of the conformance table is made of, and what many rows look at alike.
import assert from 'node:assert/strict';
import type { EndReason } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { CarrierStage, StageOptions } from './carrier-stage.ts';
import type { FaultName } from './exchange.ts';
import type { StreamFaultName } from './stream-faults.ts';

/** What goes wrong while a story is told: with webhooks and requests, or with media streams. */
export type AnyFault = FaultName | StreamFaultName;

export interface Story {
  readonly name: string;
  /** Who begins: a call we place meets the faults of placing one. */
  readonly direction: 'outbound' | 'inbound';
  /** The fault the story is about, so that the others would only hide it. */
  readonly brings?: string;
  /** Why it is not told over media streams; null or absent when it is. */
  readonly streamless?: string;
  readonly options?: StageOptions;
  readonly run: (stage: CarrierStage, fault: AnyFault) => Promise<void>;
}

export const WELCOME = 'Hello! How can I help you today?';
export const STILL_THERE = 'Are you still there?';
export const LET_IN: Partial<Settings> = { inboundPolicy: 'open' };
export const ONE_SENTENCE = 'one sentence and no conversation: the carrier says it';
export const NOBODY = { sessionKey: null } as const;

/** Every webhook about the end was lost: then the carrier does not tell why, only that it is over. */
export function endedAs(stage: CarrierStage, reason: EndReason, fault: AnyFault): void {
  const { end, phase } = stage.ours;
  assert.equal(phase, 'ended');
  if (fault !== 'lost status webhooks') assert.equal(end?.reason, reason);
  assert.ok((end?.cause ?? '').length > 3, 'the cause is kept');
}

/** The lines of the transcript, who and what. */
export function said(stage: CarrierStage): string[] {
  return stage.ours.transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
}

/** How long somebody stays after their last words: an answer that is late by repetitions is waited for. */
export function stays(ms: number, fault: AnyFault): { readonly afterMs: number } {
  return { afterMs: fault === 'webhooks lost at first' ? ms + 7_000 : ms };
}

export function sleeps(stage: CarrierStage, ms: number): Promise<void> {
  return new Promise((resolve) => stage.clock.at(stage.clock.now() + ms, resolve));
}
