/** What a person reads in the log of starts and of the capacity they wait for. */
import { expect, test } from 'vitest';
import { RunLog } from '../../../src/app/explaining/run-log.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { Pool, Snapshot } from '../../../src/core/model/snapshot.ts';
import { keptLog } from '../../support/log-lines.ts';

const aPool = (name: string, size: number, given: Partial<Pool> = {}): Pool => ({
  name,
  size,
  otherUse: 0,
  paused: false,
  doubt: null,
  ...given,
});

function decided(pools: readonly Pool[], active: Snapshot['active'] = []) {
  const rest = { priorities: [], tenants: [], held: [], grants: [], classStarts: [] };
  const snapshot: Snapshot = { nowMs: 0, paused: false, maxGrants: 0, pools, active, ...rest };
  return { kind: 'decided', atMs: 0, tookMs: 0, snapshot } as const;
}

test('a start names the run and what it had been waiting for, at the level asked for', () => {
  for (const level of ['info', 'debug'] as const) {
    const { log, lines } = keptLog();
    const run = { runId: runId('shop/build@1a2b3c4d'), tenant: 'retail', pools: ['linux/s390x', 'runs'] };
    new RunLog(log, level).onEvent({ kind: 'run-started', ...run, atMs: 9_000, heldForMs: 4_000 });
    const message = 'Starting shop/build@1a2b3c4d: capacity available on linux/s390x, runs';
    const fields = { run: 'shop/build@1a2b3c4d', tenant: 'retail', heldForMs: 4_000 };
    expect(lines).toEqual([{ level, message, fields }]);
  }
});

test('all pools are told at first and when a size changes, not when only the use does', () => {
  const { log, lines } = keptLog();
  const runLog = new RunLog(log, 'info');
  const estimate = { p50Ms: 1, p90Ms: 1 };
  const run = { id: runId('r'), project: 'p', tenant: 't', contentHash: 'c', requests: { runs: 1 } };
  const active = [{ ...run, sinceMs: 0, estimate, timeoutMs: null }];
  runLog.onEvent(decided([aPool('runs', 20), aPool('linux/s390x', 0)]));
  runLog.onEvent(decided([aPool('runs', 20), aPool('linux/s390x', 0)], active));
  runLog.onEvent(decided([aPool('linux/s390x', 1), aPool('runs', 20)], active));
  expect(lines.map(({ message }) => message)).toEqual([
    'Capacity in use: linux/s390x 0/0, runs 0/20',
    'Capacity in use: linux/s390x 0/1, runs 1/20',
  ]);
});

test('a doubt is told with its reason when it begins, and when it is over, however its words change', () => {
  const { log, lines } = keptLog();
  const runLog = new RunLog(log, 'info');
  for (const doubt of [null, 'stale for 61 s', 'stale for 62 s', null]) {
    runLog.onEvent(decided([aPool('runs', 20, { doubt })]));
  }
  expect(lines.map(({ level, message, fields }) => [level, message, fields.why])).toEqual([
    ['info', 'Capacity in use: runs 0/20', undefined],
    ['info', 'Capacity in use: runs 0/20 in doubt', undefined],
    ['warn', 'Capacity of runs is in doubt: it starts nothing', 'stale for 61 s'],
    ['info', 'Capacity in use: runs 0/20', undefined],
    ['info', 'Capacity of runs is certain again', undefined],
  ]);
});

test('a thousand pools are one line of bounded length', () => {
  const { log, lines } = keptLog();
  const pools = Array.from({ length: 1_000 }, (_, n) => aPool(`pool-${n}`, 1));
  new RunLog(log, 'info').onEvent(decided(pools));
  expect(lines).toHaveLength(1);
  expect(lines[0]?.message).toMatch(/ and 950 more$/);
});
