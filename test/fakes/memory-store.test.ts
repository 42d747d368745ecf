import { storeConformance } from '../conformance/store.ts';
import { MemoryStore } from './memory-store.ts';

storeConformance('memory', async () => {
  const store = new MemoryStore();
  return { store, reopen: async () => store, dispose: async () => {} };
});
