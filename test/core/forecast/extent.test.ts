/** The extent of a replication is the same, whether the order of its events is known or found again by sorting. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Extents } from '../../../src/core/forecast/extent.ts';
import { Simulation } from '../../../src/core/simulation/simulate.ts';
import { anyQueue } from '../simulation/any-queue.ts';

test('of any queue', () => {
  fc.assert(
    fc.property(anyQueue, ({ snapshot, arrivals, durationMs, startLatencyMs }) => {
      const simulation = new Simulation(snapshot, { arrivals, startLatencyMs });
      const { tables } = simulation;
      const { heldCount, activeCount, nowMs } = tables;
      const durationsMs = Float64Array.from(tables.ids, (id) => durationMs.get(id) as number);
      const { startMs, endMs, order } = simulation.run(durationsMs);
      let held = heldCount;
      while (held > 0 && (tables.sinceMs[held - 1] as number) > nowMs) held -= 1;
      const coming = heldCount - held;
      const here = (ms: Float64Array): Float64Array =>
        Float64Array.of(...ms.subarray(0, held), ...ms.subarray(heldCount)).map((at) => at - nowMs);
      const cells = { startMs: here(startMs), endMs: here(endMs) };
      for (let run = 0; run < held; run += 1)
        cells.startMs[run] = (cells.startMs[run] as number) + startLatencyMs;
      const extents = new Extents(held + activeCount);
      const told = extents.of(cells, 0, { held, coming }, order);
      expect(told).toEqual(extents.of(cells, 0, { held, coming }, null));
    }),
  );
});
