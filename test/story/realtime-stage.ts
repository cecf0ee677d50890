// RealtimeStage: our whole app on the twin of one carrier, with a voice model that speaks word-code on its media streams.
import { it } from 'node:test';
import { lineHere } from '../../sim/line-here.ts';
import { parrot } from '../../sim/media/voice-model-script.ts';
import { WordConsultant, type WordModelOptions, WordVoiceModel } from '../../sim/word-voice-model.ts';
import { type App, startApp } from '../../src/app.ts';
import type { RealtimeSettings } from '../../src/config/realtime.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Consult } from '../../src/conversation/voice-model.ts';
import type { StageOptions } from '../conformance/carrier-stage.ts';
import { CARRIERS, type CarrierName } from '../conformance/exchanges.ts';
import { ownerAmong } from './line.ts';
import { LiveStage } from './live-stage.ts';

const plainRealtime: RealtimeSettings = {
  provider: null,
  providers: {},
  path: '/voice/stream/realtime',
  sensitivity: 'medium',
  preStartTimeoutMs: 5_000,
  maxPendingConnections: 32,
  maxPendingConnectionsPerIp: 4,
  maxConnections: 128,
  instructions: 'Be the voice of the house.',
  toolPolicy: 'safe-read-only',
  consultPolicy: 'auto',
  consultThinkingLevel: null,
  consultFastMode: null,
  tools: [],
  fastContext: null,
  agentContext: null,
};

export interface RealtimeOptions extends Omit<StageOptions, 'streaming'> {
  readonly model?: WordModelOptions;
  readonly realtime?: Partial<RealtimeSettings>;
  /** What the agent answers; at once, and the question, when absent. */
  readonly consult?: (consult: Consult) => { readonly afterMs: number; readonly text: string };
}

export class RealtimeStage extends LiveStage {
  readonly model: WordVoiceModel;
  readonly consultant: WordConsultant;
  readonly #realtime: RealtimeSettings;
  #running: App | null = null;
  #ids = 0;

  constructor(carrier: CarrierName, { model, realtime, consult, ...options }: RealtimeOptions = {}) {
    super(carrier, options);
    this.model = new WordVoiceModel(this.clock, { script: parrot, ...model });
    const answer = consult ?? (({ question }) => ({ afterMs: 100, text: `About ${question}` }));
    this.consultant = new WordConsultant(this.clock, answer);
    this.#realtime = { ...plainRealtime, ...realtime };
  }

  override get settings(): Settings {
    return { ...super.settings, streaming: null, realtime: this.#realtime };
  }

  override async start(storeDir = this.storeDir): Promise<void> {
    const { clock, log, agent, exchange, settings } = this;
    this.#running = await startApp({
      settings,
      clock,
      log,
      agent,
      live: {
        provider: 'stand-in',
        steady: clock,
        openLine: lineHere(clock),
        model: { voiceModel: this.model, consultant: this.consultant, settings: this.#realtime },
      },
      storeDir,
      newId: () => `id-${++this.#ids}`,
      ownerAgent: ownerAmong(undefined),
      tell: () => undefined,
    });
    exchange.tunnel(new URL(settings.publicUrl ?? '').origin, `http://127.0.0.1:${this.port}`);
  }

  override async stop(): Promise<void> {
    const app = this.#running;
    this.#running = null;
    if (!app) return;
    let gone = false;
    const stopping = app.stop().finally(() => {
      gone = true;
    });
    while (!gone) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.clock.advance(20);
    }
    await stopping;
  }

  override get app(): App {
    if (!this.#running) throw new Error('the app is stopped');
    return this.#running;
  }

  /** How many times the model was told something that matches. */
  told(what: RegExp): number {
    const prompts = this.model.sessions.flatMap((session) => session.prompts);
    return prompts.filter((prompt) => prompt.from === 'client' && what.test(prompt.words)).length;
  }
}

export type Opened = (options?: RealtimeOptions) => Promise<RealtimeStage>;

/** One story, told on every carrier. */
export function onEach(
  title: string,
  tell: (open: Opened) => Promise<void>,
  only: readonly CarrierName[] = CARRIERS,
): void {
  for (const carrier of only) {
    it(`${title}: ${carrier}`, async (test) => {
      await tell(async (options = {}) => {
        const stage = new RealtimeStage(carrier, options);
        test.after(() => stage.close());
        await stage.open();
        return stage;
      });
    });
  }
}
