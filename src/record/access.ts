// Access: what the command line may do with a store, whether its Gateway runs or not.
import { type CallFeed, openFeed } from './feed.ts';
import { type Imported, importCalls } from './import.ts';
import { openJournal } from './journal.ts';
import { type CallSource, openSource } from './source.ts';

/** Every one of them takes `storeDir` where no other place is named. */
export interface StoreAccess {
  openStore(at?: string): Promise<CallSource>;
  openFeed(at: string | undefined, backlog: number): CallFeed;
  importCalls(file: string): Promise<Imported>;
}

export function storeAccess(storeDir: string): StoreAccess {
  return {
    openStore: (at) => openSource(at ?? storeDir),
    openFeed: (at, backlog) => openFeed(at ?? storeDir, backlog),
    importCalls: async (file) => {
      const journal = openJournal(storeDir);
      try {
        return await importCalls(journal, file);
      } finally {
        journal.close();
      }
    },
  };
}
