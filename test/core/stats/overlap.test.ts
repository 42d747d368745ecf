/** Spans over each other, against counting moment by moment. */
import { expect, test } from 'vitest';
import { randomStream } from '../../../src/core/random/random.ts';
import { mostAtOnce, mostWeightAtOnce } from '../../../src/core/stats/overlap.ts';

test('most weight at once is that of the worst moment, by counting at every begin', () => {
  const random = randomStream(7, 'spans', 0);
  for (let round = 0; round < 200; round += 1) {
    const count = 1 + Math.floor(random.next() * 12);
    const from = Float64Array.from({ length: count }, () => Math.floor(random.next() * 10));
    const to = from.map((begin) => begin + 1 + Math.floor(random.next() * 5));
    const weight = from.map(() => 1 + Math.floor(random.next() * 3));
    const at = (moment: number): number =>
      weight.reduce(
        (sum, one, place) =>
          sum + ((from[place] as number) <= moment && moment < (to[place] as number) ? one : 0),
        0,
      );
    expect(mostWeightAtOnce({ from, to, weight }), `round ${round}`).toBe(Math.max(...[...from].map(at)));
    const alike = { from, to, weight: from.map(() => 1) };
    expect(mostAtOnce(from.toSorted(), to.toSorted()), `round ${round}`).toBe(mostWeightAtOnce(alike));
  }
});
