// ModelStage: one call held by a voice model, without a carrier: the real core and its deadlines, a line that plays.

import type { Call, DeadlineName } from '../src/call/call.ts';
import type { Effect } from '../src/call/effect.ts';
import type { CallEvent } from '../src/call/event.ts';
import { transition } from '../src/call/transition.ts';
import { ModelSpeech, type RealtimeVoiceSettings } from '../src/conversation/model-speech.ts';
import type { Cancel } from '../src/lib/clock.ts';
import type { Log } from '../src/lib/log.ts';
import { type CallOptions, type Fact, newCall } from './core-call.ts';
import { FakeConsultant, FakeVoiceModel, type FakeVoiceSession } from './fake-voice-model.ts';
import { HandClock } from './hand-clock.ts';
import { PlayingLines } from './playing-lines.ts';

/** 20 ms of the caller. */
const FRAME_BYTES = 160;

export class ModelStage {
  readonly clock = new HandClock();
  readonly model = new FakeVoiceModel();
  readonly consultant = new FakeConsultant();
  readonly lines: PlayingLines;
  readonly speech: ModelSpeech;
  readonly warnings: string[] = [];
  readonly effects: Effect[] = [];
  call: Call;
  #cancels: readonly Cancel[] = [];

  constructor(options: CallOptions = {}, settings: Partial<RealtimeVoiceSettings> = {}) {
    this.call = newCall({ kind: 'inbound', stream: true, voiceModel: true, ...options });
    this.lines = new PlayingLines(this.clock, this.call.id, (event) => this.speech.heard(event));
    const quiet = (): void => undefined;
    const warn = (text: string): void => void this.warnings.push(text);
    const log: Log = { debug: quiet, info: quiet, warn, error: warn };
    this.speech = new ModelSpeech({
      clock: this.clock,
      steady: this.clock,
      log,
      lines: this.lines,
      model: this.model,
      consultant: this.consultant,
      settings: {
        instructions: 'Be the voice of the house.',
        toolPolicy: 'safe-read-only',
        consultPolicy: 'auto',
        tools: [],
        ...settings,
      },
      post: (_callId, event) => this.happens(event),
    });
  }

  /** As the runtime: a step, its deadlines, its effects; then the speech follows. */
  happens(event: CallEvent): void {
    const { call, effects } = transition(this.call, event);
    if (call === this.call) return;
    this.call = call;
    this.#follow(call.deadlines);
    for (const effect of effects) {
      if (effect.kind === 'tellModel') this.speech.tell(call.id, effect.words);
      else if (effect.kind === 'askAgent') this.effects.push(effect);
    }
    this.speech.follow(call);
  }

  now(fact: Fact): void {
    this.happens({ ...fact, at: this.clock.now() } as CallEvent);
  }

  get session(): FakeVoiceSession {
    return this.model.latest;
  }

  async ringing(): Promise<this> {
    this.speech.prepare(this.call);
    await this.clock.advance(0);
    return this;
  }

  /** Picked up, and the media stream is there. */
  async picked(): Promise<this> {
    await this.ringing();
    this.now({ kind: 'answered' });
    this.lines.connect();
    await this.clock.advance(0);
    return this;
  }

  /** The greeting was heard. */
  async greeted(): Promise<this> {
    await this.picked();
    this.session.says('Good morning.', 500);
    await this.clock.advance(600);
    this.session.take();
    this.lines.take();
    return this;
  }

  /** 20 ms of the caller's sound. */
  frame(byte: number): void {
    this.lines.tell({ kind: 'audio', mulaw: new Uint8Array(FRAME_BYTES).fill(byte) });
  }

  /** Who said what, and what became of it. */
  get said(): readonly string[] {
    return this.call.transcript.map((entry) =>
      entry.speaker === 'caller' ? `caller: ${entry.text}` : `agent (${entry.outcome}): ${entry.text}`,
    );
  }

  #follow(deadlines: Call['deadlines']): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = (Object.entries(deadlines) as [DeadlineName, number][]).map(([name, at]) =>
      this.clock.at(at, () => this.now({ kind: 'deadlinePassed', name })),
    );
  }
}
