// Lasting: a line thread that is replaced when it dies: the port opens again, and later calls have media streams.

import type { Handler } from '../ingress/server.ts';
import { type Cancel, type Clock, systemClock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Log } from '../lib/log.ts';
import type { LineInit, LineListener, Lines } from '../media/lines.ts';
import { type LineThread, type LineThreadOptions, startLineThread } from './thread.ts';

export interface LineOptions extends Omit<LineThreadOptions, 'onDeath'> {
  /** Told while there is no thread. */
  readonly health: Health;
}

/** In health. */
const SUBJECT = 'line';
/** Pauses before the next try; the last one for all that follow. */
const AGAIN_AFTER_MS = [0, 250, 1_000, 5_000];
/** A thread that lived so long was well: its death is the first one again. */
const WELL_MS = 60_000;

/** As `startLineThread`, which it throws the errors of. Calls of a thread that died go on by the carrier's own voice. */
export async function startLastingLine(options: LineOptions): Promise<LineThread> {
  const line = new LastingLine(options);
  await line.start(options.port);
  return line;
}

class LastingLine implements LineThread {
  readonly #options: LineOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Lines whose stream has not come yet. */
  readonly #ringing = new Map<string, { readonly init: LineInit; carrierCallId: string | null }>();
  #thread: LineThread | null = null;
  #handler: Handler | null = null;
  #listener: LineListener = () => undefined;
  #port = 0;
  #deaths = 0;
  #startedAt = 0;
  #cancel: Cancel = () => undefined;
  #isStopped = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log;
  }

  readonly lines: Lines = {
    open: (init) => {
      this.#ringing.set(init.callId, { init, carrierCallId: null });
      this.#thread?.lines.open(init);
    },
    identify: (callId, carrierCallId) => {
      const known = this.#ringing.get(callId);
      if (known) known.carrierCallId = carrierCallId;
      this.#thread?.lines.identify(callId, carrierCallId);
    },
    say: (callId, utterance) => this.#thread?.lines.say(callId, utterance),
    sound: (callId, utteranceId, sound) => this.#thread?.lines.sound(callId, utteranceId, sound),
    keys: (callId, utteranceId, digits) => this.#thread?.lines.keys(callId, utteranceId, digits),
    finish: (callId, utteranceId) => this.#thread?.lines.finish(callId, utteranceId),
    drop: (callId, utteranceIds) => this.#thread?.lines.drop(callId, utteranceIds),
    understood: (callId, text) => this.#thread?.lines.understood(callId, text),
    close: (callId) => {
      this.#ringing.delete(callId);
      this.#thread?.lines.close(callId);
    },
  };

  get listener(): LineThread['listener'] {
    return {
      port: this.#port,
      serve: (handler) => {
        this.#handler = handler;
        this.#thread?.listener.serve(handler);
      },
      close: () => this.stop(),
    };
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
  }

  meter(callId: string, forMs: number): void {
    this.#thread?.meter(callId, forMs);
  }

  async start(port: number): Promise<void> {
    const thread = await startLineThread({ ...this.#options, port, onDeath: (why) => this.#died(why) });
    if (this.#isStopped) return thread.stop();
    this.#thread = thread;
    this.#port = thread.listener.port;
    this.#startedAt = this.#clock.now();
    this.#options.health.well(SUBJECT);
    thread.listen((event) => {
      if (event.kind === 'opened') this.#ringing.delete(event.callId);
      this.#listener(event);
    });
    // Calls that only ring lost nothing: their streams are still to come.
    for (const [callId, { init, carrierCallId }] of this.#ringing) {
      thread.lines.open(init);
      if (carrierCallId !== null) thread.lines.identify(callId, carrierCallId);
    }
    if (this.#handler) thread.listener.serve(this.#handler);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#options.health.forget(SUBJECT);
    const thread = this.#thread;
    this.#thread = null;
    await thread?.stop();
  }

  #died(why: string): void {
    this.#thread = null;
    if (this.#clock.now() - this.#startedAt >= WELL_MS) this.#deaths = 0;
    this.#again(why);
  }

  #again(why: string): void {
    if (this.#isStopped) return;
    const afterMs = AGAIN_AFTER_MS[Math.min(this.#deaths, AGAIN_AFTER_MS.length - 1)] ?? 0;
    this.#deaths += 1;
    this.#options.health.trouble(SUBJECT, new VoiceCallError('VC_LINE_DIED', { why }));
    this.#log.warn('starting another line thread', { why, deaths: this.#deaths, afterMs });
    this.#cancel = this.#clock.at(this.#clock.now() + afterMs, () => {
      if (!this.#isStopped) this.start(this.#port).catch((error: unknown) => this.#again(reasonOf(error)));
    });
  }
}
