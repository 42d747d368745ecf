/** What remains of a decision when not all of its starts can be sent in time. */
import { expect, test } from 'vitest';
import { cutStarts } from '../../../src/app/admission/cut-starts.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { Grant } from '../../../src/core/model/snapshot.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(runId) as [Id, Id, Id, Id, Id];
type Id = ReturnType<typeof runId>;

const grant = (id: Id): Grant => ({ runId: id, grantedAtMs: 1, promisedAtMs: 2 });

test('with room for all, the decision is as it was', () => {
  const decision = { starts: [a, b], grants: [grant(c)], reviewAtMs: 7 };
  expect(cutStarts(decision, [], 2)).toEqual({ decision, leftOut: 0 });
});

test('the first ones start; a grant of one left out stands, one used is gone, and none is given', () => {
  const stood = [grant(a), grant(b), grant(d)];
  const decision = { starts: [a, b, c], grants: [grant(d), grant(e)], reviewAtMs: 7 };
  expect(cutStarts(decision, stood, 1)).toEqual({
    decision: { starts: [a], grants: [grant(b), grant(d)], reviewAtMs: 7 },
    leftOut: 2,
  });
});

test('without room nothing starts, and a grant that the decision took back is gone', () => {
  const decision = { starts: [a], grants: [], reviewAtMs: null };
  expect(cutStarts(decision, [grant(a), grant(b)], 0)).toEqual({
    decision: { starts: [], grants: [grant(a)], reviewAtMs: null },
    leftOut: 1,
  });
});
