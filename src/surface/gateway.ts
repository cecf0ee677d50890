// Gateway: what a command needs of the running Gateway; gateway-client.ts is the real one.

export interface Gateway {
  /**
   * Runs `method`. Throws VC_GATEWAY_UNREACHABLE only when nobody answered at all, so that nothing can have
   * happened; VC_GATEWAY_REFUSED, _TIMEOUT, _LOST, VC_PLUGIN_NOT_LOADED or VC_REQUEST_FAILED otherwise.
   */
  request(method: string, params: object, options: { readonly timeoutMs: number }): Promise<unknown>;
}
