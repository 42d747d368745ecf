/** The index of runs that follows the observations is what a new one would be. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunIndex } from '../../../src/app/admission/run-index.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { ObservedRun } from '../../../src/ports/engine.ts';

test('after any observations in a row it holds the runs of the last', () => {
  const state = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 12 }), version: fc.integer({ min: 0, max: 2 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 8 }), (observations) => {
      const known = new Map<string, ObservedRun>();
      const index = new RunIndex();
      for (const observation of observations) {
        const runs = new Map<string, ObservedRun>();
        for (const { id, version } of observation) {
          const key = `${id} ${version}`;
          const run = known.get(key) ?? ({ id: runId(`r${id}`) } as ObservedRun);
          known.set(key, run);
          runs.set(run.id, run);
        }
        expect(new Map(index.follow([...runs.values()]))).toEqual(runs);
        for (const [id, run] of runs) expect(index.follow([...runs.values()]).get(id)).toBe(run);
      }
    }),
  );
});
