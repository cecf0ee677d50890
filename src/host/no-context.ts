// NoContext: runs what outlives its caller outside everything the host keeps for that caller.

interface Context {
  runInAsyncScope<T>(run: () => T): T;
}

/** The host's own context without a context. It is not part of the SDK, so we get on without it where it is missing. */
const KEY = Symbol.for('openclaw.detachedAsyncContext');

/**
 * The host gives each of its operations (a start, a request, a reload) its own view of all plugins, and Node hands
 * that view on to every socket, thread and timer begun within. The view ends with the operation: whoever looks for
 * a provider through it later is told "Plugin inventory has retired".
 */
export function inNoContext<T>(run: () => T): T {
  const { [KEY]: context } = globalThis as { readonly [KEY]?: Context };
  return context ? context.runInAsyncScope(run) : run();
}
