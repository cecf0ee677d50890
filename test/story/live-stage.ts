// LiveStage: stories over media streams, the same on every carrier: the stage, and what was heard on it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Ear } from '../../sim/media/ear.ts';
import type { MediaStream } from '../../sim/media/stream.ts';
import { CarrierStage, type StageOptions } from '../conformance/carrier-stage.ts';
import { CARRIERS, type CarrierName } from '../conformance/exchanges.ts';

export { ALICE, GREETING, OURS, STRANGER } from '../conformance/carrier-stage.ts';

/** Whoever calls may talk to us, and hears this first. */
export const WELCOME = 'Hello, who is there?';
export const LET_IN = { inboundPolicy: 'open', inboundGreeting: WELCOME } as const;

export class LiveStage extends CarrierStage {
  readonly carrier: CarrierName;

  constructor(carrier: CarrierName, { settings, ...options }: StageOptions) {
    super(carrier, { streaming: {}, settings: { ...LET_IN, ...settings }, ...options });
    this.carrier = carrier;
  }

  get ear(): Ear {
    return this.theirs.ear;
  }

  /** The latest media stream of the only call. */
  get stream(): MediaStream {
    const stream = this.theirs.streams.at(-1);
    assert.ok(stream, 'the carrier began no media stream');
    return stream;
  }

  /** Every word that reached the caller's ear over media streams, once for each time it did. */
  get words(): string {
    return this.ear.text;
  }

  /** Who said what, in order, as our record has it. */
  get said(): readonly string[] {
    return this.ours.transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
  }

  /** What we said, and what became of it. */
  get outcomes(): readonly string[] {
    return this.ours.transcript.flatMap((entry) =>
      entry.speaker === 'agent' ? [`${entry.text} [${entry.outcome}]`] : [],
    );
  }

  /** Plays to the end, at which nothing is left of the call: here, at the carrier, in timers. */
  async toTheEnd(): Promise<void> {
    await this.over();
    this.nothingIsLeft();
  }

  nothingIsLeft(): void {
    assert.equal(this.app.openCalls(), 0, 'no call stays open');
    assert.equal(this.clock.pending, 0, 'no timer is left');
    const troubles = this.log.lines.filter(({ level }) => level === 'error');
    assert.deepEqual(troubles, []);
    assert.ok(this.exchange.media.streams.every(({ end }) => end !== undefined));
  }

  /** The same, with nothing that anybody could complain of: the carrier neither complained nor spoke for us. */
  async toTheEndWithoutComplaint(): Promise<void> {
    await this.toTheEnd();
    assert.deepEqual(this.exchange.problems, []);
    assert.deepEqual(this.carrierSpeech, [], 'we speak ourselves while there is a stream');
  }
}

export type Opened = (options?: StageOptions) => Promise<LiveStage>;

/** One story, told on every carrier. */
export function onEach(
  title: string,
  tell: (open: Opened) => Promise<void>,
  only = CARRIERS as readonly CarrierName[],
): void {
  for (const carrier of only) {
    it(`${title}: ${carrier}`, async (test) => {
      await tell(async (options = {}) => {
        const stage = new LiveStage(carrier, options);
        test.after(() => stage.close());
        await stage.open();
        return stage;
      });
    });
  }
}
