// GatewayClient: asks the Gateway, over one connection that is opened when it is needed, and again when it broke.
// Needs nothing of OpenClaw installed.
import { wait } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Gateway } from './gateway.ts';
import { GatewayConnection, type GatewayConnectionDeps } from './gateway-connection.ts';

/** For who may change the configuration of the Gateway too. */
export const ADMIN_SCOPES: readonly string[] = ['operator.read', 'operator.write', 'operator.admin'];
const AGAIN_AFTER_MS = 500;

/** Connects with the first request; everything shares that connection until it breaks. */
export class GatewayClient implements Gateway {
  readonly #deps: GatewayConnectionDeps;
  #connection: Promise<GatewayConnection> | null = null;

  constructor(deps: GatewayConnectionDeps) {
    this.#deps = deps;
  }

  /** Resolves once greeted: from then on events arrive. */
  async connect(): Promise<void> {
    await this.#open();
  }

  /** A Gateway that is still starting is asked again: it has not even greeted us, so nothing can have happened. */
  async request(method: string, params: object, options: { readonly timeoutMs: number }): Promise<unknown> {
    const { clock } = this.#deps;
    const until = clock.now() + options.timeoutMs;
    for (;;) {
      try {
        return await this.#request(method, params, { timeoutMs: until - clock.now() });
      } catch (error) {
        const isStarting = error instanceof VoiceCallError && error.code === 'VC_GATEWAY_STARTING';
        if (!isStarting || clock.now() + AGAIN_AFTER_MS >= until) throw error;
        await wait(clock, AGAIN_AFTER_MS);
      }
    }
  }

  async #request(method: string, params: object, options: { readonly timeoutMs: number }): Promise<unknown> {
    const connection = await this.#open();
    // Plugins come and go with the configuration: a new greeting tells what there is by now.
    if (!connection.wasAsked || connection.knows(method)) {
      return connection.request(method, params, options.timeoutMs);
    }
    this.close();
    return (await this.#open()).request(method, params, options.timeoutMs);
  }

  /** Closes the connection, if there is one; what was being asked fails. */
  close(): void {
    this.#connection?.then(
      (connection) => connection.close(),
      () => undefined,
    );
    this.#connection = null;
  }

  #open(): Promise<GatewayConnection> {
    if (this.#connection !== null) return this.#connection;
    const opening = new Promise<GatewayConnection>((resolve, reject) => {
      const connection: GatewayConnection = new GatewayConnection(this.#deps, {
        greeted: () => resolve(connection),
        failed: (error) => {
          // Another one may have taken its place already.
          if (this.#connection === opening) this.#connection = null;
          reject(error);
        },
      });
    });
    this.#connection = opening;
    return opening;
  }
}
