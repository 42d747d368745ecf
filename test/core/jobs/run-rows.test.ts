/** Runs go over as rows and come back as they were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runRows, runsOf } from '../../../src/core/jobs/run-rows.ts';
import { aHeldRun, anActiveRun } from '../../builders/admission.ts';

const few = fc.constantFrom('a', 'b', '', '=', 'null');
const parts = fc.record({
  project: few,
  tenant: few,
  contentHash: few,
  timeoutMs: fc.constantFrom(null, 0, 60_000),
  requests: fc.constantFrom({}, { runs: 1 }, { runs: 1, arm: 2 }),
  estimate: fc.constantFrom({ p50Ms: 1, p90Ms: 2 }, { p50Ms: 3, p90Ms: 4 }),
});
const heldRuns = fc.array(fc.record({ parts, priority: few, atMs: fc.nat() }), { maxLength: 100 });
const activeRuns = fc.array(fc.record({ parts, atMs: fc.nat() }), { maxLength: 50 });

test('whatever they have in common', () => {
  fc.assert(
    fc.property(heldRuns, activeRuns, (waiting, running) => {
      const held = waiting.map(({ parts: same, priority, atMs }, nth) =>
        aHeldRun(`h-${nth}`, { ...same, priority, heldSinceMs: atMs }),
      );
      const active = running.map(({ parts: same, atMs }, nth) =>
        anActiveRun(`a-${nth}`, { ...same, sinceMs: atMs }),
      );
      expect(runsOf(structuredClone([...runRows({ held, active })]))).toEqual({ held, active });
    }),
    { numRuns: 200 },
  );
});

test('what thousands have in common goes over once', () => {
  const one = aHeldRun('x');
  const held = Array.from({ length: 5_000 }, (_, nth) => aHeldRun(`h-${nth}`, { ...one, heldSinceMs: nth }));
  const told = [...runRows({ held, active: [] })].filter(({ kind }) => kind === 'likeness');
  expect(told).toHaveLength(1);
});
