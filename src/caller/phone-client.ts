// PhoneClient: a test phone of our own: its socket, and an earpiece that takes as long to play sound as sound takes.
import { type FromPhone, type ReadyMessage, readToPhone, type ToPhone } from '../handset/protocol.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { BYTES_PER_MS } from '../media/frame.ts';

export interface PhoneClientDeps {
  /** With its ticket, see docs/test-phone.md. */
  readonly url: string;
  /** It should never jump: sound is played by it. */
  readonly clock: Clock;
  readonly onMessage: (message: ToPhone) => void;
  /** Sound of the agent, and when it begins to be heard. */
  readonly onSound?: (mulaw: Uint8Array, heardAt: number) => void;
  /** What was to be heard later than now is not. */
  readonly onClear?: (at: number) => void;
  /** The socket is gone, and with it the call; not told after `close`. */
  readonly onClosed: () => void;
}

const OPEN_WITHIN_MS = 10_000;
/** What a phone keeps back, so that late sound is not missed. */
const BUFFER_MS = 60;

export class PhoneClient {
  readonly #deps: PhoneClientDeps;
  readonly #socket: WebSocket;
  readonly #marks = new Set<Cancel>();
  #endsAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  private constructor(deps: PhoneClientDeps) {
    this.#deps = deps;
    this.#socket = new WebSocket(deps.url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => this.#take(data));
  }

  /** Connects. Throws VC_PHONE_REFUSED when the ticket does not open it, or nobody answers. */
  static open(deps: PhoneClientDeps): Promise<{ phone: PhoneClient; ready: ReadyMessage }> {
    const { clock } = deps;
    return new Promise((resolve, reject) => {
      const refused = (): void => {
        phone.close();
        reject(new VoiceCallError('VC_PHONE_REFUSED'));
      };
      const phone = new PhoneClient({
        ...deps,
        onMessage: (message) => {
          if (message.type === 'ready') {
            cancel();
            phone.#socket.removeEventListener('close', refused);
            resolve({ phone, ready: message });
          }
          deps.onMessage(message);
        },
      });
      const cancel = clock.at(clock.now() + OPEN_WITHIN_MS, refused);
      phone.#socket.addEventListener('error', () => undefined);
      phone.#socket.addEventListener('close', refused);
      phone.#socket.addEventListener('close', () => {
        cancel();
        phone.#over();
      });
    });
  }

  send(message: FromPhone | { readonly type: 'call' }): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Sound of the person; a microphone sends 160 bytes every 20 ms. */
  speak(mulaw: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(mulaw);
  }

  /** Hangs up. */
  close(): void {
    this.#isClosed = true;
    this.#forget();
    this.#socket.close();
  }

  #over(): void {
    this.#forget();
    if (!this.#isClosed) this.#deps.onClosed();
    this.#isClosed = true;
  }

  #take(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      this.#play(new Uint8Array(data));
      return;
    }
    const message = typeof data === 'string' ? readToPhone(data) : null;
    if (!message) return;
    if (message.type === 'mark') this.#mark(message.name);
    if (message.type === 'clear') this.#clear();
    this.#deps.onMessage(message);
  }

  #play(mulaw: Uint8Array): void {
    const now = this.#deps.clock.now();
    // What runs dry begins anew, with a buffer.
    const startsAt = this.#endsAt > now ? this.#endsAt : now + BUFFER_MS;
    this.#endsAt = startsAt + mulaw.length / BYTES_PER_MS;
    this.#deps.onSound?.(mulaw, startsAt);
  }

  #mark(mark: string): void {
    const cancel = this.#deps.clock.at(this.#endsAt, () => {
      this.#marks.delete(cancel);
      this.send({ type: 'played', mark });
    });
    this.#marks.add(cancel);
  }

  #clear(): void {
    this.#forget();
    this.#endsAt = this.#deps.clock.now();
    this.#deps.onClear?.(this.#endsAt);
  }

  #forget(): void {
    for (const cancel of this.#marks) cancel();
    this.#marks.clear();
  }
}
