// GatewayConnection: one WebSocket to the Gateway, from its greeting to its end: requests, answers, events.
//
// The wire: the Gateway sends `connect.challenge`; we answer with `connect` and our token; then frames
// {type: req|res|event}. Loopback with the shared token needs no device identity.
import type { GatewayTarget } from '../config/gateway-target.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';

export interface GatewayConnectionDeps {
  readonly target: GatewayTarget;
  readonly clock: Clock;
  /** Reported to the Gateway as ours. */
  readonly version: string;
  /** What it may do there; to read and to write unless told otherwise. */
  readonly scopes?: readonly string[];
  /** Every `plugin.voice-call.*` event, named without that prefix. */
  readonly onEvent?: (name: string, payload: unknown) => void;
}

const PROTOCOL = 4;
const CONNECT_ID = 'connect';
const EVENT_PREFIX = 'plugin.voice-call.';
/** How long the greeting may take: a Gateway that thinks for an agent answers late, not never. */
const GREETING_MS = 10_000;
/** Closed without a word: nobody was there, or it was no Gateway. */
const SILENT_CLOSES = [1005, 1006];
/** "Service restart" and "try again later", as registered for WebSockets: the Gateway is coming up. */
const PASSING_CLOSES = [1012, 1013];

type Fields = Readonly<Record<string, unknown>>;

interface Pending {
  readonly method: string;
  readonly resolve: (payload: unknown) => void;
  readonly reject: (error: VoiceCallError) => void;
  readonly stopWaiting: Cancel;
}

interface Fate {
  readonly greeted: () => void;
  /** It could not be opened, or it broke. */
  readonly failed: (error: VoiceCallError) => void;
}

export class GatewayConnection {
  readonly #deps: GatewayConnectionDeps;
  readonly #fate: Fate;
  readonly #socket: WebSocket;
  readonly #pending = new Map<string, Pending>();
  readonly #stopGreeting: Cancel;
  #methods: readonly unknown[] = [];
  #isGreeted = false;
  #asked = 0;

  constructor(deps: GatewayConnectionDeps, fate: Fate) {
    this.#deps = deps;
    this.#fate = fate;
    this.#socket = new WebSocket(deps.target.url);
    this.#stopGreeting = deps.clock.at(deps.clock.now() + GREETING_MS, () =>
      this.#fail(new VoiceCallError('VC_GATEWAY_TIMEOUT', { method: 'connect', afterMs: GREETING_MS })),
    );
    this.#socket.addEventListener('message', (event) => this.#receive(parsed(event.data)));
    this.#socket.addEventListener('close', (event) => this.#closed(event.code, event.reason));
  }

  get wasAsked(): boolean {
    return this.#asked > 0;
  }

  knows(method: string): boolean {
    return this.#methods.includes(method);
  }

  request(method: string, params: object, timeoutMs: number): Promise<unknown> {
    const { target, clock } = this.#deps;
    if (!this.knows(method)) {
      return Promise.reject(new VoiceCallError('VC_PLUGIN_NOT_LOADED', { url: target.url, method }));
    }
    return new Promise((resolve, reject) => {
      const id = String(++this.#asked);
      const stopWaiting = clock.at(clock.now() + timeoutMs, () => {
        this.#pending.delete(id);
        reject(new VoiceCallError('VC_GATEWAY_TIMEOUT', { method, afterMs: timeoutMs }));
      });
      this.#pending.set(id, { method, resolve, reject, stopWaiting });
      this.#send({ type: 'req', id, method, params });
    });
  }

  close(): void {
    this.#fail(new VoiceCallError('VC_GATEWAY_LOST', { method: 'close' }));
  }

  #send(frame: Fields): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #receive(frame: Fields): void {
    if (frame['type'] === 'event') this.#hear(String(frame['event']), frame['payload']);
    if (frame['type'] === 'res') this.#answered(String(frame['id']), frame);
  }

  #hear(name: string, payload: unknown): void {
    if (name === 'connect.challenge' && !this.#isGreeted) this.#greet();
    if (name.startsWith(EVENT_PREFIX)) this.#deps.onEvent?.(name.slice(EVENT_PREFIX.length), payload);
  }

  #greet(): void {
    const { target, version, scopes = ['operator.read', 'operator.write'] } = this.#deps;
    const { token, password } = target;
    this.#send({
      type: 'req',
      id: CONNECT_ID,
      method: 'connect',
      params: {
        minProtocol: PROTOCOL,
        maxProtocol: PROTOCOL,
        client: { id: 'cli', version, platform: process.platform, mode: 'cli' },
        role: 'operator',
        scopes,
        caps: [],
        auth: { ...(token !== null && { token }), ...(password !== null && { password }) },
      },
    });
  }

  #answered(id: string, frame: Fields): void {
    const isOk = frame['ok'] === true;
    if (id === CONNECT_ID) {
      if (isOk) this.#welcome(fieldsOf(frame['payload']));
      else this.#turnedAway(fieldsOf(frame['error']));
      return;
    }
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.stopWaiting();
    if (isOk) pending.resolve(frame['payload']);
    else pending.reject(requestFailed(fieldsOf(frame['error'])));
  }

  #welcome(hello: Fields): void {
    const methods = fieldsOf(hello['features'])['methods'];
    this.#methods = Array.isArray(methods) ? methods : [];
    this.#isGreeted = true;
    this.#stopGreeting();
    this.#fate.greeted();
  }

  #turnedAway(error: Fields): void {
    const isStarting = error['code'] === 'UNAVAILABLE' && error['retryable'] === true;
    this.#fail(
      isStarting
        ? new VoiceCallError('VC_GATEWAY_STARTING', { url: this.#deps.target.url })
        : new VoiceCallError('VC_GATEWAY_REFUSED', { why: String(error['message'] ?? 'no reason given') }),
    );
  }

  #closed(code: number, reason: string): void {
    const { url } = this.#deps.target;
    const isSilent = !this.#isGreeted && SILENT_CLOSES.includes(code) && reason === '';
    const why = reason || `it closed the connection (${code})`;
    if (isSilent) this.#fail(new VoiceCallError('VC_GATEWAY_UNREACHABLE', { url }));
    else if (!this.#isGreeted && PASSING_CLOSES.includes(code))
      this.#fail(new VoiceCallError('VC_GATEWAY_STARTING', { url }));
    else this.#fail(new VoiceCallError('VC_GATEWAY_REFUSED', { why }));
  }

  /** The end of this connection, whoever wanted it. The first error is the one people see. */
  #fail(error: VoiceCallError): void {
    this.#stopGreeting();
    this.#fate.failed(error);
    for (const { method, reject, stopWaiting } of this.#pending.values()) {
      stopWaiting();
      reject(new VoiceCallError('VC_GATEWAY_LOST', { method }, { cause: error }));
    }
    this.#pending.clear();
    this.#socket.close();
  }
}

/** Our own errors arrive in two parts; all else is the Gateway's and gets its cure. */
function requestFailed(error: Fields): VoiceCallError {
  const details = fieldsOf(error['details']);
  const isOurs = String(details['code']).startsWith('VC_') && typeof details['message'] === 'string';
  const why = String((isOurs ? details : error)['message'] ?? 'no reason given');
  const cure = isOurs
    ? String(details['cure'] ?? '')
    : 'Check "openclaw gateway status" and the Gateway log.';
  return new VoiceCallError('VC_REQUEST_FAILED', { why, cure });
}

/** A frame that is no JSON object says nothing to us. */
function parsed(text: unknown): Fields {
  try {
    return fieldsOf(JSON.parse(String(text)));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
