// TurnHouse: our side of the turn bench, in the Gateway's place: the whole app with its line thread, and its stages timed.
import { Worker } from 'node:worker_threads';
import { placeRequest } from '../sim/place-request.ts';
import { type App, type LiveAudio, startApp } from '../src/app.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import { startLastingLine } from '../src/line/lasting.ts';
import type { LineEvent } from '../src/media/lines.ts';
import { KeptLog, plainSettings, plainStreaming } from '../test/story/line.ts';
import { scratchFolder } from '../tools/scratch.ts';
import { machineMs } from './figures.ts';
import { StandIns } from './turn-stand-ins.ts';
import type { CarrierStart, FromCarrier, LineReport, ToCarrier } from './turn-wire.ts';

/** The engine took a voice for an interruption: when it had the frame that decided it, on our clock. */
export interface Decision {
  readonly to: string;
  readonly at: number;
}

const ACCOUNT: CarrierStart = { accountSid: `AC${'0'.repeat(31)}1`, authToken: 'throw-away-token' };
const ALL_OVER_WITHIN_MS = 10_000;

export class TurnHouse {
  readonly standIns = new StandIns();
  readonly log = new KeptLog();
  /** By the number that was called. */
  readonly heardAt = new Map<string, number[]>();
  readonly decisions: Decision[] = [];
  readonly #carrier = new Worker(new URL('./turn-carrier.ts', import.meta.url), { workerData: ACCOUNT });
  readonly #storeDir = scratchFolder('bench');
  readonly #toOf = new Map<string, string>();
  readonly #audioAt = new Map<string, number>();
  /** From the clock of line events to the one of the bench. */
  readonly #shift = machineMs() - steadyClock.now();
  #over: LineReport[] = [];
  #app: App | null = null;
  #ids = 0;
  #numbers = 0;

  async open(): Promise<void> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#carrier.once('error', reject);
      this.#carrier.on('message', (message: FromCarrier) => {
        if (message.kind === 'listening') resolve(message.port);
        else this.#over.push(message.line);
      });
    });
    const { standIns, log } = this;
    standIns.onHeard = (callId) => this.heardAt.get(this.#toOf.get(callId) ?? '')?.push(machineMs());
    const apiBaseUrl = `http://127.0.0.1:${port}`;
    this.#app = await startApp({
      settings: {
        ...plainSettings,
        carrier: { name: 'twilio', region: 'us1', apiBaseUrl, ...ACCOUNT },
        fromNumber: '+15550005678',
        maxConcurrentCalls: 100,
        maxDurationMs: 1_800_000,
        streaming: { ...plainStreaming, maxPendingConnections: 64, maxPendingConnectionsPerIp: 64 },
      },
      clock: systemClock,
      newId: () => `id-${++this.#ids}`,
      log,
      agent: standIns.agent,
      live: this.#live(),
      ownerAgent: () => 'main',
      storeDir: this.#storeDir,
      tell: () => undefined,
    });
  }

  #live(): LiveAudio {
    const { transcriber, synthesizer } = this.standIns;
    return {
      transcriber,
      synthesizer,
      provider: 'stand-in',
      steady: steadyClock,
      openLine: async (options) => {
        const line = await startLastingLine(options);
        return {
          listener: line.listener,
          lines: line.lines,
          listen: (listener) =>
            line.listen((event) => {
              this.#look(event);
              listener(event);
            }),
          meter: (callId, forMs) => line.meter(callId, forMs),
          stop: () => line.stop(),
        };
      },
    };
  }

  /** The frame that made the engine stop is the last it told us of. */
  #look(event: LineEvent): void {
    const to = this.#toOf.get(event.callId);
    if (to === undefined) return;
    if (event.kind === 'audio') this.#audioAt.set(to, event.at);
    else if (event.kind === 'held' && !event.isOver)
      this.decisions.push({ to, at: (this.#audioAt.get(to) ?? event.at) + this.#shift });
  }

  /** Calls somebody new; `greeting` is said by us when they pick up. */
  async call(greeting: (number: number) => string): Promise<void> {
    const number = ++this.#numbers;
    const to = `+1555${String(1_000_000 + number)}`;
    this.heardAt.set(to, []);
    const call = await this.#app?.phone.place(placeRequest({ to, message: greeting(number) }));
    if (call) this.#toOf.set(call.id, to);
  }

  people(ringMs: number, doTalk: boolean): void {
    this.#tell({ kind: 'people', ringMs, doTalk });
  }

  toOf(callId: string): string {
    return this.#toOf.get(callId) ?? '';
  }

  /** Everybody hangs up; what the phone company saw of `count` calls. */
  async hangUp(count: number): Promise<readonly LineReport[]> {
    this.#tell({ kind: 'hangUp' });
    const until = machineMs() + ALL_OVER_WITHIN_MS;
    while ((this.#over.length < count || this.#app?.openCalls() !== 0) && machineMs() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const over = this.#over;
    this.#over = [];
    return over;
  }

  async close(): Promise<void> {
    await this.#app?.stop();
    await Promise.all([this.#carrier.terminate(), this.standIns.close()]);
  }

  #tell(message: ToCarrier): void {
    this.#carrier.postMessage(message);
  }
}
