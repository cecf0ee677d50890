// Access: what the command line may do with a store, whether its Gateway runs or not.
import { type CallFeed, openFeed } from './feed.ts';
import { type Imported, importCalls } from './import.ts';
import { openJournal } from './journal.ts';
import { unreadable } from './old-calls.ts';
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
        const result = await importCalls(journal, file);
        const { imported, known, skipped } = result;
        if (imported + known === 0 && skipped > 0) throw unreadable(file, 'no line of it is a call');
        return result;
      } finally {
        journal.close();
      }
    },
  };
}
