// Tests of Hearing: a transcriber that is connected and hears nothing is noticed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeTranscriber } from '../../sim/fake-voices.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Log } from '../lib/log.ts';
import { Hearing } from './hearing.ts';

const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

class Stage {
  readonly clock = new HandClock();
  readonly transcriber = new FakeTranscriber();
  readonly failed: string[] = [];
  readonly hearing = new Hearing(
    { clock: this.clock, log, transcriber: this.transcriber },
    { callId: 'call-1', agentId: 'main', language: 'en-US', silenceTimeoutMs: 800 },
    {
      onTurn: () => undefined,
      onSpeaks: () => undefined,
      onWords: () => undefined,
      onFailed: (why) => this.failed.push(why),
    },
  );

  /** Somebody speaks for so long, and then it is quiet. */
  async voice(ms: number, quietMs: number): Promise<void> {
    this.hearing.voice(true, this.clock.now());
    await this.clock.advance(ms);
    this.hearing.voice(false, this.clock.now());
    await this.clock.advance(quietMs);
  }

  get sessions(): number {
    return this.transcriber.sessions.length;
  }
}

describe('A transcriber that is connected and tells nothing of a voice', () => {
  it('is asked anew once, then given up', async () => {
    const stage = new Stage();
    await settle();
    await stage.voice(1_500, 8_000);
    assert.equal(stage.sessions, 2);
    await stage.voice(1_500, 8_000);
    assert.deepEqual(stage.failed, ['it understands nothing of a voice']);
    assert.equal(stage.clock.pending, 0);
  });

  it('is left alone while a short noise is all there was, or it understood something', async () => {
    const stage = new Stage();
    await settle();
    await stage.voice(300, 10_000);
    assert.equal(stage.sessions, 1);
    stage.hearing.voice(true, stage.clock.now());
    await stage.clock.advance(3_000);
    stage.transcriber.latest.tell.onPartial('hello');
    await stage.clock.advance(10_000);
    assert.equal(stage.sessions, 1);
    stage.hearing.close();
    assert.equal(stage.clock.pending, 0);
  });

  it('that understood somebody on this call is never given up for a noise', async () => {
    const stage = new Stage();
    await settle();
    stage.transcriber.latest.tell.onFinal('Hello.');
    for (let noise = 0; noise < 4; noise++) await stage.voice(2_000, 9_000);
    assert.deepEqual([stage.sessions, stage.failed], [2, []]);
    stage.hearing.close();
  });
});
