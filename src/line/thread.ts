// Thread: the line thread from outside: its listener and its lines, as if they were here.
import { Worker } from 'node:worker_threads';
import type { WebhookRequest } from '../carrier/carrier.ts';
import type { Handler, Listener } from '../ingress/server.ts';
import { plain } from '../ingress/webhook.ts';
import type { Load } from '../lib/beat.ts';
import { type Clock, steadyClock, systemClock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, LineListener, Lines } from '../media/lines.ts';
import { FarLines } from './far-lines.ts';
import { newTaken, tellHeard } from './heard.ts';
import type { FromLine, LineStart, StreamSettings, ToLine } from './protocol.ts';
import { Watch } from './watch.ts';

export interface LineThreadOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly stream: StreamSettings;
  /** Told to who asks on this machine. */
  readonly identity?: LineStart['identity'];
  readonly log: Log;
  /** The thread is gone, its port is free; its lines were reported closed before, its webhooks broke off. */
  readonly onDeath: (why: string) => void;
  /** How hard the thread works; about once a second while there are lines. */
  readonly onLoad?: (load: Load) => void;
  readonly clock?: Clock;
  /** The code of the thread; tests have their own. */
  readonly entry?: URL;
}

export interface LineThread {
  /** Closing it closes all media streams too. */
  readonly listener: Listener;
  /** Once the thread has died, nothing said to it does anything. */
  readonly lines: Lines;
  /** Who is told what happens on the lines: one listener, the last. */
  listen(listener: LineListener): void;
  /** Tells how loud both directions of this call are (`levels`), for so long from now. */
  meter(callId: string, forMs: number): void;
  /** Closes the port and all streams and ends the thread, within two seconds. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 10_000;
/** Answers on their way and close frames have a second; then the thread is ended in any case. */
const SHUT_WITHIN_MS = 1_500;

/** Starts the thread and opens its port. Throws VC_PORT_IN_USE, or VC_INTERNAL when the thread does not start. */
export async function startLineThread(options: LineThreadOptions): Promise<LineThread> {
  const thread = new Thread(options);
  const port = await thread.listening;
  return {
    listener: { port, serve: (handler) => thread.serve(handler), close: () => thread.close() },
    lines: thread.lines,
    listen: (listener) => thread.listen(listener),
    meter: (callId, forMs) => thread.meter(callId, forMs),
    stop: () => thread.stop(),
  };
}

/** Beside this file when run as it is, beside the bundle when built: the host runs a copy of the package. */
function ownEntry(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return isSource ? new URL('./worker.ts', import.meta.url) : new URL('./line-worker.js', import.meta.url);
}

class Thread {
  /** Resolves to the port. */
  readonly listening: Promise<number>;
  readonly lines: FarLines;
  readonly #options: LineThreadOptions;
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #taken = newTaken();
  readonly #started = Promise.withResolvers<number>();
  readonly #shut = Promise.withResolvers<void>();
  #state: 'starting' | 'running' | 'stopping' | 'gone' = 'starting';
  #handler: Handler | null = null;
  #listener: LineListener = () => undefined;
  #why: string | null = null;
  #watch: Watch | null = null;

  constructor(options: LineThreadOptions) {
    const { host, port, stream, identity, entry = ownEntry(), clock = systemClock } = options;
    const workerData: LineStart = { host, port, stream, identity, taken: this.#taken };
    this.#options = options;
    this.#clock = clock;
    this.#worker = new Worker(entry, { workerData, name: 'voice-call-line', execArgv: [] });
    this.lines = new FarLines((message, move) => this.#post(message, move));
    this.listening = this.#started.promise;
    const cancel = clock.at(clock.now() + START_WITHIN_MS, () =>
      this.#fail(new VoiceCallError('VC_INTERNAL', { why: 'the line thread did not start in time' })),
    );
    this.listening.then(cancel, cancel);
    this.#worker.on('message', (message: FromLine) => this.#take(message));
    this.#worker.on('error', (error) => {
      this.#why = reasonOf(error);
    });
    this.#worker.on('exit', (code) => this.#gone(this.#why ?? `it ended with ${code}`));
  }

  serve(handler: Handler): void {
    const { publicUrls, forwarding, gate } = handler;
    this.#handler = handler;
    this.#post({ kind: 'serve', publicUrls, forwarding, gate });
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
  }

  meter(callId: string, forMs: number): void {
    this.#post({ kind: 'meter', callId, forMs });
  }

  async close(): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'stopping';
      this.#watch?.stop();
      this.#post({ kind: 'shut' });
      const cancel = this.#clock.at(this.#clock.now() + SHUT_WITHIN_MS, () => this.#shut.resolve());
      void this.#shut.promise.then(cancel);
    }
    await this.#shut.promise;
  }

  async stop(): Promise<void> {
    await this.close();
    await this.#worker.terminate();
  }

  #post(message: ToLine, move: readonly ArrayBuffer[] = []): void {
    if (this.#state !== 'gone') this.#worker.postMessage(message, [...move]);
  }

  #take(message: FromLine): void {
    switch (message.kind) {
      case 'listening':
        this.#state = 'running';
        this.#watch = this.#newWatch();
        this.#started.resolve(message.port);
        break;
      case 'notListening':
        this.#notListening(message);
        break;
      case 'alive':
        this.#watch?.answered();
        break;
      case 'webhook':
        void this.#answer(message.id, message.request);
        break;
      case 'event':
        this.lines.note(message.event);
        this.#tell(message.event);
        break;
      case 'load':
        this.#options.onLoad?.(message.load);
        break;
      case 'heard':
        tellHeard(message, this.#taken, (event) => this.#tell(event));
        break;
      case 'log':
        this.#options.log[message.level](message.text, message.fields);
        break;
      case 'shut':
        this.#shut.resolve();
        break;
    }
  }

  /** A thread that hangs is as good as dead, and is ended, so that the next can have its port. */
  #newWatch(): Watch {
    return new Watch({
      clock: this.#clock,
      ask: () => this.#post({ kind: 'ask' }),
      onHung: () => {
        this.#why = 'it did not answer for ten seconds';
        void this.#worker.terminate();
      },
    });
  }

  #notListening({ isInUse, why }: Extract<FromLine, { kind: 'notListening' }>): void {
    const { port, host } = this.#options;
    const code = isInUse ? 'VC_PORT_IN_USE' : 'VC_INTERNAL';
    this.#fail(new VoiceCallError(code, { port, bind: host, who: 'another program', cure: 'stop it', why }));
  }

  #fail(error: VoiceCallError): void {
    this.#state = 'stopping';
    this.#started.reject(error);
    void this.#worker.terminate();
  }

  async #answer(id: number, request: WebhookRequest): Promise<void> {
    const { log } = this.#options;
    try {
      const reply = (await this.#handler?.answer(request)) ?? plain(503, 'Starting');
      this.#post({ kind: 'answer', id, reply });
    } catch (error) {
      log.error('a webhook could not be handled', { error: reasonOf(error) });
      this.#post({ kind: 'answer', id, reply: plain(500, 'Internal Server Error') });
    }
  }

  /** Whoever listens belongs to one call of many: a fault there stops neither the others nor the Gateway. */
  #tell(event: LineEvent): void {
    try {
      this.#listener(event);
    } catch (error) {
      this.#options.log.error('a line event could not be handled', {
        event: event.kind,
        error: reasonOf(error),
      });
    }
  }

  #gone(why: string): void {
    const before = this.#state;
    this.#state = 'gone';
    this.#watch?.stop();
    this.#shut.resolve();
    this.#started.reject(new VoiceCallError('VC_INTERNAL', { why: `the line thread did not start: ${why}` }));
    if (before !== 'running') return;
    this.#options.log.error('the line thread died', { why });
    for (const event of this.lines.lost(steadyClock.now())) this.#tell(event);
    this.#options.onDeath(why);
  }
}
