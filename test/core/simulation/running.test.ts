/** What runs in a simulation: the first to end comes out first, and slots are used again. */
import { describe, expect, test } from 'vitest';
import { Running } from '../../../src/core/simulation/running.ts';

function running(...ends: readonly number[]): Running {
  const all = new Running(new Float64Array(ends.length + 1));
  ends.forEach((endMs, run) => {
    all.add(run, 10 + run, 20 + run, endMs);
  });
  return all;
}

function runsOf(all: Running): number[] {
  return [...all.runs.subarray(0, all.count)].sort((a, b) => a - b);
}

describe('what runs', () => {
  test('ends in the order of its ends, and keeps whose it was', () => {
    const all = running(30, 10, 20);
    const order: number[][] = [];
    while (all.count > 0) {
      const atMs = all.nextEndMs();
      const slot = all.end();
      order.push([atMs, all.tenantOf(slot), all.signatureOf(slot)]);
    }
    expect(order).toEqual([
      [10, 11, 21],
      [20, 12, 22],
      [30, 10, 20],
    ]);
    expect(all.nextEndMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('lists the runs that have not ended, also where one has taken the slot of another', () => {
    const all = running(30, 10, 20);
    all.end();
    expect(runsOf(all)).toEqual([0, 2]);
    all.add(3, 13, 23, 25);
    expect(runsOf(all)).toEqual([0, 2, 3]);
    all.end();
    expect(all.nextEndMs()).toBe(25);
  });

  test('is empty after it was cleared', () => {
    const all = running(30, 10);
    all.clear();
    expect(all.count).toBe(0);
    expect(all.nextEndMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
