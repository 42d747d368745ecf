/** Random snapshots, larger than those of the exhaustive test, decided by the core and by the oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyCrowd, anyManyKinds, anySnapshot } from './any-snapshot.ts';
import { difference } from './compare.ts';

test('the decision on any snapshot is the one that the text of the ADR gives', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      expect(difference(snapshot)).toBeNull();
    }),
    { numRuns: 4_000 },
  );
});

test('so it is with more distinct requests than a machine word has bits', () => {
  fc.assert(
    fc.property(anyManyKinds(), (snapshot) => {
      expect(difference(snapshot)).toBeNull();
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test('so it is with a crowd of tenants', () => {
  fc.assert(
    fc.property(anyCrowd(), (snapshot) => {
      expect(difference(snapshot)).toBeNull();
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
