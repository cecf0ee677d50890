// FirstThatRuns: what to use where the best may not run, e.g. because this machine compiles no WebAssembly.

/**
 * `best`, when it can make one now; what takes long the first time is then behind us. Else `other`, and `complain`
 * hears why.
 */
export function firstThatRuns<Made>(
  best: () => Made,
  other: () => Made,
  complain: (error: unknown) => void,
): () => Made {
  try {
    best();
    return best;
  } catch (error) {
    complain(error);
    return other;
  }
}
