/** The bound that may be stated for the start of the run with the oldest grant, and when there is none. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startBound } from '../../../src/core/admission/bound.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { simulate } from '../../../src/core/simulation/simulate.ts';
import { aGrant, aHeldRun, anActiveRun, aPool, aSnapshot, aTenant } from '../../builders/admission.ts';
import { anySnapshot } from './any-snapshot.ts';

const TWO_ARM = { runs: 1, arm: 2 };
const ARM = { runs: 1, arm: 1 };

/** One wide run with a grant promised for 1,500, behind an active run that ends by 1,700 at the latest. */
function granted(parts: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({
    pools: [aPool('runs', 9), aPool('arm', 2), aPool('ppc', 1)],
    held: [aHeldRun('wide', { requests: TWO_ARM, timeoutMs: 9_000 })],
    active: [anActiveRun('x', { requests: { arm: 1 }, sinceMs: 700, timeoutMs: 1_000 })],
    grants: [aGrant('wide', 900, 1_500)],
    ...parts,
  });
}

const wide = runId('wide');

test('the bound is the latest end of what occupies the pools of the run', () => {
  expect(startBound(granted(), wide)).toBe(1_700);
});

test('it is never before the promise, nor before now', () => {
  expect(startBound(granted({ active: [] }), wide)).toBe(1_500);
  expect(startBound(granted({ active: [], grants: [aGrant('wide', 900, 950)] }), wide)).toBe(1_000);
});

test('what runs in other pools does not count', () => {
  const elsewhere = anActiveRun('y', { requests: { ppc: 1 } });
  expect(startBound(granted({ active: [elsewhere] }), wide)).toBe(1_500);
});

test('until the promise a held run may still start and take its whole timeout from then', () => {
  const [head] = granted().held;
  const held = [...(head === undefined ? [] : [head]), aHeldRun('short', { requests: ARM, timeoutMs: 600 })];
  expect(startBound(granted({ held }), wide)).toBe(2_100);
  // Once the promise is due nothing new takes its units.
  expect(startBound(granted({ held, grants: [aGrant('wide', 900, 1_000)] }), wide)).toBe(1_700);
});

test('without a timeout there is no bound', () => {
  const endless = anActiveRun('x', { requests: { arm: 1 } });
  expect(startBound(granted({ active: [endless] }), wide)).toBeNull();
});

test('only the run with the oldest grant that still stands has a bound', () => {
  const other = aHeldRun('other', { tenant: 'b', requests: TWO_ARM, timeoutMs: 10 });
  const held = [...granted().held, other];
  const older = granted({ held, grants: [aGrant('other', 899, 2_000), aGrant('wide', 900, 1_500)] });
  expect(startBound(older, wide)).toBeNull();
  expect(startBound(older, runId('other'))).toBe(11_000);
  // The order of the list does not matter, and one whose run is gone or never fits stands no more.
  const gone = granted({ grants: [aGrant('wide', 900, 1_500), aGrant('gone', 800, 850)] });
  expect(startBound(gone, wide)).toBe(1_700);
  const tie = [aGrant('wide', 900, 1_500), aGrant('other', 900, 1_500)];
  expect(startBound(granted({ held, grants: tie }), wide)).toBeNull();
  expect(startBound(granted({ held, grants: tie.toReversed() }), wide)).toBeNull();
});

test('a run without a grant, or that is not there, has none', () => {
  expect(startBound(granted({ grants: [] }), wide)).toBeNull();
  expect(startBound(granted({ held: [] }), wide)).toBeNull();
});

test('while anything stops the run there is none', () => {
  const pools = granted().pools.filter((pool) => pool.name !== 'arm');
  const withArm = (parts: Parameters<typeof aPool>[2], size = 2): Snapshot =>
    granted({ pools: [...pools, aPool('arm', size, parts)] });
  expect(startBound(granted({ paused: true }), wide)).toBeNull();
  expect(startBound(granted({ tenants: [aTenant('a', { paused: true })] }), wide)).toBeNull();
  expect(startBound(withArm({ paused: true }), wide)).toBeNull();
  expect(startBound(withArm({ doubt: 'stale' }), wide)).toBeNull();
  expect(startBound(withArm({ otherUse: 1 }), wide)).toBeNull();
  expect(startBound(withArm({}, 1), wide)).toBeNull();
});

test('however long runs take within their timeouts, the run starts by the bound', () => {
  let stated = 0;
  const anyParts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(anySnapshot(), anyParts, (drawn, parts) => {
      const held = drawn.held.map((run) => ({ ...run, timeoutMs: run.timeoutMs ?? 500 }));
      const active = drawn.active.map((run) => ({ ...run, timeoutMs: run.timeoutMs ?? 500 }));
      const pools = drawn.pools.map((pool) => ({ ...pool, otherUse: 0 }));
      const snapshot = { ...drawn, held, active, pools };
      const lengths = new Map(
        [...held, ...active].map((run, place) => [
          run.id,
          Math.max(1, Math.ceil((parts[place] as number) * run.timeoutMs)),
        ]),
      );
      const bounds = held.map((run) => ({ id: run.id, boundMs: startBound(snapshot, run.id) }));
      const oldest = bounds.find(({ boundMs }) => boundMs !== null);
      if (oldest === undefined) return;
      stated += 1;
      const schedule = simulate(snapshot, (id) => lengths.get(id) as number);
      const start = schedule.find((run) => run.id === oldest.id);
      expect(start?.startMs).toBeLessThanOrEqual(oldest.boundMs as number);
    }),
    { numRuns: 2_000 },
  );
  expect(stated).toBeGreaterThan(200);
});
