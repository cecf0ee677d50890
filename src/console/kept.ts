// Kept: what this browser keeps between two visits, in IndexedDB: a key of cryptography fits into nothing else.

const DATABASE = 'voice-call';
const STORE = 'kept';

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return done(opening);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });
}

async function use<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await done(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export const keptIn = {
  async read<T>(key: string): Promise<T | undefined> {
    return (await use('readonly', (store) => store.get(key))) as T | undefined;
  },
  async write(key: string, value: unknown): Promise<void> {
    await use('readwrite', (store) => store.put(value, key));
  },
  async forget(key: string): Promise<void> {
    await use('readwrite', (store) => store.delete(key));
  },
};
