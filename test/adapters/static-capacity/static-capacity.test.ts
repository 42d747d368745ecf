import { expect, test } from 'vitest';
import { staticCapacity } from '../../../src/adapters/static-capacity/static-capacity.ts';

test('each configured pool has its size, no other use and no doubt', async () => {
  const source = staticCapacity([
    { name: 'runs', size: 20 },
    { name: 'linux/arm64', size: 0 },
  ]);
  expect(await source.read(new AbortController().signal)).toEqual([
    { name: 'runs', size: 20, otherUse: 0, doubt: null },
    { name: 'linux/arm64', size: 0, otherUse: 0, doubt: null },
  ]);
});
