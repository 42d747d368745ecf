/** Old runs go from the history of policies, in bounded looks. */
import { expect, test } from 'vitest';
import { silentLog } from '../../../sim/process.ts';
import { HistoryRetention } from '../../../src/app/history/retention.ts';
import { aPastRun } from '../../conformance/store-builders.ts';
import { MemoryHistory } from '../../fakes/memory-history.ts';

const NOW_MS = 1_000_000;
const clock = { nowMs: () => NOW_MS, at: () => () => {} };

async function counts(history: MemoryHistory, identities: readonly string[]): Promise<readonly number[]> {
  const pages = identities.map((identity) =>
    history.page({ identity, limit: 1000, before: null, withProfiles: false }),
  );
  return (await Promise.all(pages)).map(({ runs }) => runs.length);
}

test('of each policy what is too old goes, and all but the newest', async () => {
  const history = new MemoryHistory();
  const startedAtMs = [999_000, 999_001, 999_002, 500_000, 499_999];
  const runs = startedAtMs.map((ms, at) => aPastRun(`r${at}`, { startedAtMs: ms }));
  for (const identity of ['a', 'b']) await history.add(identity, runs);
  await history.add('c', runs.slice(0, 1));
  const limits = { keepMs: 500_000, perPolicy: 2 };
  const retention = new HistoryRetention({ history, limits, clock, log: silentLog });
  await retention.looked();
  expect(await counts(history, ['a', 'b', 'c'])).toEqual([2, 2, 1]);
  const { runs: kept } = await history.page({ identity: 'a', limit: 9, before: null, withProfiles: false });
  expect(kept.map(({ key }) => key)).toEqual(['r2', 'r1']);
  await retention.stop();
});

test('one look is bounded, and the next goes on where it ended', async () => {
  const history = new MemoryHistory();
  const identities = Array.from({ length: 120 }, (_, at) => `p${String(at).padStart(3, '0')}`);
  for (const identity of identities) {
    await history.add(identity, [
      aPastRun('old', { startedAtMs: 1 }),
      aPastRun('new', { startedAtMs: NOW_MS }),
    ]);
  }
  const limits = { keepMs: 500_000, perPolicy: 100 };
  const retention = new HistoryRetention({ history, limits, clock, log: silentLog });
  const left: number[] = [];
  for (let look = 0; look < 3; look += 1) {
    await retention.looked();
    left.push((await counts(history, identities)).filter((count) => count === 2).length);
  }
  expect(left).toEqual([70, 20, 0]);
  await retention.stop();
});

test('a store that fails is tried again at the next look', async () => {
  const history = new MemoryHistory();
  await history.add('a', [aPastRun('old', { startedAtMs: 1 })]);
  const forget = history.forget.bind(history);
  history.forget = () => Promise.reject(new Error('the disk is full'));
  const retention = new HistoryRetention({
    history,
    limits: { keepMs: 1, perPolicy: 1 },
    clock,
    log: silentLog,
  });
  await retention.looked();
  history.forget = forget;
  await retention.looked();
  expect(await counts(history, ['a'])).toEqual([0]);
  await retention.stop();
});
