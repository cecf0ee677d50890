// Switchboard: the line thread from inside: the listener, the door of media streams and the engine, joined by messages.
import type { WebhookRequest, WireReply } from '../carrier/carrier.ts';
import { bind, type Listener } from '../ingress/server.ts';
import { type DoorLines, StreamDoor } from '../ingress/stream.ts';
import { cleanPath } from '../ingress/stream-token.ts';
import { plain } from '../ingress/webhook.ts';
import type { Beat } from '../lib/beat.ts';
import type { Clock } from '../lib/clock.ts';
import { asVoiceCallError, reasonOf } from '../lib/errors.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { LineEvent, LineListener, Lines } from '../media/lines.ts';
import { type AudioEvent, HeardFrames } from './heard.ts';
import type { FromLine, LineCall, LineStart, ToLine } from './protocol.ts';

/** The engine, as far as this room knows it. */
export type LineEngine = Lines & DoorLines & { meter(callId: string, forMs: number): void };

export interface SwitchboardDeps {
  readonly post: (message: FromLine, move: readonly ArrayBuffer[]) => void;
  readonly makeEngine: (listen: LineListener) => LineEngine;
  /** Ms since the epoch: the deadlines of webhooks and the expiry of tokens. */
  readonly clock: Clock;
  /** Runs while there are lines. */
  readonly beat: Pick<Beat, 'start' | 'stop'>;
}

/** Carriers give up after 15 s; an answer of ours still reaches them, and they ask again. */
const ANSWER_WITHIN_MS = 12_000;
/** Webhooks the main thread has not answered yet; each may be 64 KB. */
const MAX_UNANSWERED = 256;
/** How often the log is told that the main thread does not keep up. */
const LOG_EVERY_MS = 5_000;

export class Switchboard {
  readonly #deps: SwitchboardDeps;
  readonly #engine: LineEngine;
  readonly #door: StreamDoor;
  readonly #open = new Set<string>();
  readonly #unanswered = new Map<number, (reply: WireReply) => void>();
  readonly #log: Log;
  readonly #heard: HeardFrames;
  #listener: Listener | null = null;
  #webhooks = 0;
  #lost = 0;
  #lossLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: SwitchboardDeps, { stream, taken }: LineStart) {
    this.#deps = deps;
    this.#heard = new HeardFrames(taken);
    this.#log = logThrough((message) => deps.post(message, []));
    const engine = deps.makeEngine((event) => this.#report(event));
    this.#engine = engine;
    this.#door = new StreamDoor({
      lines: engine,
      paths: [stream.path, `${stream.prefix}${cleanPath(stream.path)}`],
      secret: stream.secret,
      limits: stream.limits,
      clock: deps.clock,
      log: this.#log,
    });
  }

  /** Opens the port and says so, or why not. */
  async open({ host, port, identity }: LineStart): Promise<void> {
    const { clock, post } = this.#deps;
    try {
      this.#listener = await bind({
        host,
        port,
        clock,
        identity,
        upgrade: (visit) => this.#door.upgrade(visit),
      });
      post({ kind: 'listening', port: this.#listener.port }, []);
    } catch (error) {
      const { code, cause } = asVoiceCallError(error);
      post({ kind: 'notListening', isInUse: code === 'VC_PORT_IN_USE', why: reasonOf(cause ?? error) }, []);
    }
  }

  /** A message from the main thread. A fault in one of them does not end the calls of all others. */
  take(message: ToLine): void {
    try {
      this.#take(message);
    } catch (error) {
      this.#log.error('the line thread met a fault', { message: message.kind, error: reasonOf(error) });
    }
  }

  #take(message: ToLine): void {
    switch (message.kind) {
      case 'serve': {
        const { publicUrls, forwarding, gate } = message;
        this.#listener?.serve({ publicUrls, forwarding, gate, answer: (request) => this.#ask(request) });
        break;
      }
      case 'answer':
        this.#unanswered.get(message.id)?.(message.reply);
        break;
      case 'meter':
        this.#engine.meter(message.callId, message.forMs);
        break;
      case 'ask':
        this.#deps.post({ kind: 'alive' }, []);
        break;
      case 'shut':
        void this.#shut();
        break;
      default:
        this.#call(message);
    }
  }

  #call(call: LineCall): void {
    perform(this.#engine, call);
    if (call.kind === 'identify') this.#door.identified(call.callId);
    else if (call.kind === 'open') this.#measure(this.#open.add(call.init.callId));
    else if (call.kind === 'close' && this.#open.delete(call.callId)) this.#measure(this.#open);
  }

  /** Without a line nothing has a cadence. */
  #measure({ size }: ReadonlySet<string>): void {
    if (size > 0) this.#deps.beat.start();
    else this.#deps.beat.stop();
  }

  /** Hands a webhook to the main thread. Whatever that does, there is an answer in time. */
  #ask(request: WebhookRequest): Promise<WireReply> {
    const { clock, post } = this.#deps;
    if (this.#unanswered.size >= MAX_UNANSWERED) return Promise.resolve(plain(503, 'Busy'));
    this.#webhooks += 1;
    const id = this.#webhooks;
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + ANSWER_WITHIN_MS, () => {
        this.#log.warn('a webhook was not answered in time');
        answer(plain(503, 'Busy'));
      });
      const answer = (reply: WireReply): void => {
        cancel();
        this.#unanswered.delete(id);
        resolve(reply);
      };
      this.#unanswered.set(id, answer);
      post({ kind: 'webhook', id, request }, []);
    });
  }

  #report(event: LineEvent): void {
    if (event.kind === 'audio') {
      this.#hear(event);
    } else {
      this.#tellHeard();
      this.#deps.post({ kind: 'event', event }, []);
    }
  }

  /** Frames that came in the same turn of the loop leave together at its end, or before what happened after them. */
  #hear(event: AudioEvent): void {
    const { clock } = this.#deps;
    if (!this.#heard.add(event)) this.#lose();
    else if (this.#heard.count === 1) clock.at(clock.now(), () => this.#tellHeard());
  }

  #tellHeard(): void {
    if (this.#heard.count === 0) return;
    const message = this.#heard.take();
    this.#deps.post(message, [message.mulaw.buffer]);
  }

  #lose(): void {
    const now = this.#deps.clock.now();
    this.#lost += 1;
    if (now - this.#lossLoggedAt < LOG_EVERY_MS) return;
    this.#lossLoggedAt = now;
    this.#log.warn('the main thread is behind: sound of callers is thrown away', { frames: this.#lost });
    this.#lost = 0;
  }

  async #shut(): Promise<void> {
    this.#deps.beat.stop();
    await Promise.allSettled([this.#listener?.close(), this.#door.close()]);
    this.#deps.post({ kind: 'shut' }, []);
  }
}

function perform(lines: Lines, call: LineCall): void {
  switch (call.kind) {
    case 'open':
      lines.open(call.init);
      break;
    case 'identify':
      lines.identify(call.callId, call.carrierCallId);
      break;
    case 'say':
      lines.say(call.callId, call.utterance);
      break;
    case 'sound':
      lines.sound(call.callId, call.utteranceId, call.sound);
      break;
    case 'keys':
      lines.keys(call.callId, call.utteranceId, call.digits);
      break;
    case 'finish':
      lines.finish(call.callId, call.utteranceId);
      break;
    case 'drop':
      lines.drop(call.callId, call.utteranceIds);
      break;
    case 'understood':
      lines.understood(call.callId, call.text);
      break;
    case 'close':
      lines.close(call.callId);
      break;
  }
}

function logThrough(post: (message: FromLine) => void): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (text: string, fields?: LogFields): void =>
      post({ kind: 'log', level, text, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
