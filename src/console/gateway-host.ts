// GatewayHost: a connection to the Gateway of our own, for the page that stands outside the Control UI.
//
// The Gateway decides who gets in, as with every client of it: a shared token or password the first time, a device
// that is paired, and from then on a token of its own. What is asked for is `operator.read` and `operator.write`.
import {
  type ConnectParams,
  GatewayBrowserDeviceAuthLifecycle,
  type GatewayBrowserDeviceAuthPlan,
  type GatewayBrowserDeviceTokenStore,
  GatewayProtocolClient,
  type GatewayProtocolRequestError,
  type GatewayProtocolSocketHandlers,
  type HelloOk,
  PROTOCOL_VERSION,
  readPairingConnectErrorDetails,
  shouldPauseGatewayReconnect,
} from '@openclaw/gateway-client/browser';
import { deviceIdentity } from './device-identity.ts';
import type { Connection, ConsoleHost } from './host.ts';
import { keptIn } from './kept.ts';

/** What the page shows before, or instead of, calls. */
export type SignIn =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'in' }
  /** The Gateway wants a token or password. */
  | { readonly kind: 'asked'; readonly why: string }
  /** The Gateway's owner has to approve this browser. */
  | { readonly kind: 'unpaired'; readonly requestId: string | null }
  | { readonly kind: 'away'; readonly why: string };

/** The Gateway knows clients by kinds; of those in a browser, the others are its own Control UI and an extension. */
const CLIENT: ConnectParams['client'] = {
  id: 'webchat-ui',
  displayName: 'Voice Call console',
  version: 'voice-call',
  platform: 'web',
  mode: 'webchat',
};
const RECONNECT = { initialMs: 500, multiplier: 1.6, maxMs: 8_000 };
const HANDSHAKE_MS = 10_000;
const REQUEST_MS = 30_000;

type Plan = GatewayBrowserDeviceAuthPlan;

export class GatewayHost implements ConsoleHost {
  readonly #auth = new GatewayBrowserDeviceAuthLifecycle({ loadIdentity: deviceIdentity, tokenStore });
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners = new Set<(name: string, payload: unknown) => void>();
  readonly #url: string;
  readonly #scopes: readonly string[];
  #client: GatewayProtocolClient<Plan> | null = null;
  #asked = 0;
  #secret: string | null = null;
  #signIn: SignIn = { kind: 'connecting' };
  #connection: Connection = { isConnected: false, canRead: false, canWrite: false };

  /** `mayAct` false: to look only is asked for, whatever one might do. */
  constructor(url: string, mayAct: boolean) {
    this.#url = url;
    this.#scopes = mayAct ? ['operator.read', 'operator.write'] : ['operator.read'];
  }

  get connection(): Connection {
    return this.#connection;
  }

  get signIn(): SignIn {
    return this.#signIn;
  }

  /** Connects, and again whenever the connection breaks. `secret`: the Gateway's token or password, when one is needed. */
  open(secret: string | null): void {
    this.#client?.stop();
    this.#secret = secret;
    this.#change({ kind: 'connecting' }, NOBODY);
    const client = this.#newClient();
    this.#client = client;
    client.start();
  }

  request<T>(method: string, params: Readonly<Record<string, unknown>>): Promise<T> {
    if (!this.#client) return Promise.reject(new Error('The Gateway is not connected.'));
    return this.#client.request<T>(method, params);
  }

  onEvent(name: string, listener: (payload: unknown) => void): () => void {
    const full = `plugin.voice-call.${name}`;
    const heard = (event: string, payload: unknown): void => {
      if (event === full) listener(payload);
    };
    this.#eventListeners.add(heard);
    return () => this.#eventListeners.delete(heard);
  }

  onConnection(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #newClient(): GatewayProtocolClient<Plan> {
    return new GatewayProtocolClient<Plan>({
      createSocket: (handlers) => socketTo(this.#url, handlers),
      createRequestId: () => String(++this.#asked),
      buildConnectPlan: ({ nonce, challengeTs }) => this.#plan(nonce, challengeTs ?? null),
      buildConnectParams: paramsOf,
      onConnectHello: (hello, { plan }) => this.#welcome(hello, plan),
      onConnectFailure: (error, { plan }) => this.#refused(error, plan),
      onConnectPlanError: (error) => {
        this.#change({ kind: 'away', why: error.message }, NOBODY);
        return { closeCode: 1000, closeReason: 'not possible here', stop: true };
      },
      resolveClose: () => ({ retry: !this.#isWaitingForPerson(), notify: true }),
      onClose: () => this.#lost(),
      onEvent: ({ event, payload }) => {
        for (const listener of [...this.#eventListeners]) listener(event, payload);
      },
      handshake: { mode: 'require-challenge', timeoutMs: HANDSHAKE_MS },
      reconnect: RECONNECT,
      requestTimeoutMs: REQUEST_MS,
    });
  }

  #plan(nonce: string | null, challengeTs: number | null): Promise<Plan> {
    return this.#auth.buildPlan({
      client: CLIENT,
      role: 'operator',
      defaultScopes: this.#scopes,
      ...(this.#secret !== null && { token: this.#secret, password: this.#secret }),
      nonce,
      challengeTs,
    });
  }

  #welcome(hello: HelloOk, plan: Plan): void {
    const scopes = hello.auth?.scopes ?? [];
    const has = (scope: string): boolean => scopes.includes(scope) || scopes.includes('operator.admin');
    const canWrite = this.#scopes.includes('operator.write') && has('operator.write');
    this.#auth.acceptHello(hello, plan).catch(() => undefined);
    this.#change({ kind: 'in' }, { isConnected: true, canRead: canWrite || has('operator.read'), canWrite });
  }

  #refused(error: GatewayProtocolRequestError, plan: Plan) {
    const pairing = readPairingConnectErrorDetails(error.details);
    const isPaused = shouldPauseGatewayReconnect({ details: error.details, tokenMismatchIsTerminal: true });
    if (pairing) this.#change({ kind: 'unpaired', requestId: pairing.requestId ?? null }, NOBODY);
    else if (isPaused) {
      // A token of an earlier visit that is not good any more is of no use to the next try.
      if (plan.selectedAuth.usingStoredDeviceToken) this.#auth.clearStoredToken(plan).catch(() => undefined);
      this.#change({ kind: 'asked', why: this.#secret === null ? '' : error.message }, NOBODY);
    } else this.#change({ kind: 'away', why: error.message }, NOBODY);
    return { closeCode: 1000, closeReason: 'refused', stop: isPaused && !pairing, reconnectDelayMs: 3_000 };
  }

  #isWaitingForPerson(): boolean {
    return this.#signIn.kind === 'asked';
  }

  #lost(): void {
    const { kind } = this.#signIn;
    if (kind === 'in') this.#change({ kind: 'in' }, { ...this.#connection, isConnected: false });
    else if (kind === 'connecting')
      this.#change({ kind: 'away', why: 'The Gateway does not answer.' }, NOBODY);
  }

  #change(signIn: SignIn, connection: Connection): void {
    this.#signIn = signIn;
    this.#connection = connection;
    for (const listener of [...this.#listeners]) listener();
  }
}

const NOBODY: Connection = { isConnected: false, canRead: false, canWrite: false };

function paramsOf({ role, scopes, device, auth }: Plan): ConnectParams {
  return {
    minProtocol: PROTOCOL_VERSION,
    maxProtocol: PROTOCOL_VERSION,
    client: CLIENT,
    role,
    scopes,
    caps: [],
    ...(device && { device }),
    ...(auth && { auth }),
    locale: navigator.language,
  };
}

/** What the Gateway gave this browser after it was paired. */
const tokenStore: GatewayBrowserDeviceTokenStore = {
  load: async ({ deviceId }) =>
    (await keptIn.read<{ token: string; scopes: string[] }>(`token ${deviceId}`)) ?? null,
  store: ({ deviceId, token, scopes }) => keptIn.write(`token ${deviceId}`, { token, scopes }),
  clear: ({ deviceId }) => keptIn.forget(`token ${deviceId}`),
};

function socketTo(url: string, handlers: GatewayProtocolSocketHandlers) {
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => handlers.open());
  socket.addEventListener('message', ({ data }) => handlers.message(String(data)));
  socket.addEventListener('close', ({ code, reason }) => handlers.close(code, reason));
  socket.addEventListener('error', () => handlers.error(new Error('The Gateway does not answer.')));
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (data: string) => socket.send(data),
    close: (code?: number, reason?: string) => socket.close(code, reason),
  };
}
