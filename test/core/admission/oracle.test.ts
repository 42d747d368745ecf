/** Random snapshots, larger than those of the exhaustive test, decided by the core and by the oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anySnapshot } from './any-snapshot.ts';
import { difference } from './compare.ts';

test('the decision on any snapshot is the one that the text of the ADR gives', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      expect(difference(snapshot)).toBeNull();
    }),
    { numRuns: 4_000 },
  );
});
