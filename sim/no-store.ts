// NoStore: for commands under test that never look at a store on disk.
import type { CliDeps } from '../src/surface/cli/deps.ts';

const none = (): never => {
  throw new Error('this test has no store');
};

export const noStore: Pick<
  CliDeps,
  'openFeed' | 'importCalls' | 'interrupted' | 'flushed' | 'gatewayUrl' | 'storeDir'
> = {
  gatewayUrl: none,
  storeDir: none,
  openFeed: none,
  importCalls: none,
  interrupted: () => new AbortController().signal,
  flushed: () => Promise.resolve(),
};
