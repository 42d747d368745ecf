/**
 * The deterministic simulator, on seeds that stay the same: nothing is violated, and the
 * same seed gives the same trace. `npm run sim` runs any number of others.
 */
import { describe, expect, test } from 'vitest';
import { BREAKS, breakNamed } from '../../sim/breaks.ts';
import { failureLines, runSeeds } from '../../sim/seeds.ts';
import { type SimulationResult, simulate } from '../../sim/simulation.ts';

const SEEDS_PER_TEST = 10;
const SEEDS = 50;
const HOURS = 2;
const BROKEN_SEEDS = 20;
const BROKEN_HOURS = 6;
const LIMIT_MS = 60_000;

describe('50 worlds of faults, each simulated twice', () => {
  const firsts = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, place) => 1 + place * SEEDS_PER_TEST);
  test.each(firsts)(
    '10 seeds from %i on violate nothing and repeat exactly',
    { timeout: LIMIT_MS },
    async (first) => {
      const lines: string[] = [];
      const report = (line: string): void => {
        lines.push(line);
      };
      const summary = await runSeeds({ first, count: SEEDS_PER_TEST, hours: HOURS, broken: null, report });
      expect(summary.failed, lines.join('\n')).toEqual([]);
      expect(summary.started).toBeGreaterThan(SEEDS_PER_TEST);
      expect(summary.crashes).toBeGreaterThan(0);
      expect(summary.orders).toBeGreaterThan(0);
    },
  );

  test('other seeds are other worlds', async () => {
    const hashes = new Set<string>();
    for (const seed of [1, 2, 3]) hashes.add((await simulate({ seed, hours: 1, broken: null })).traceHash);
    expect(hashes.size).toBe(3);
  });
});

describe('a loop broken on purpose is caught', () => {
  test.each(BREAKS.map(({ name }) => name))('%s, within 20 seeds', { timeout: LIMIT_MS }, async (name) => {
    const broken = breakNamed(name) ?? null;
    expect(broken).not.toBeNull();
    const caught = await firstFailure((seed) => simulate({ seed, hours: BROKEN_HOURS, broken }));
    expect(caught?.violation).toMatch(/\S/);
    const shown = caught === null ? '' : failureLines(caught, BROKEN_HOURS, broken).join('\n');
    expect(shown).toContain(`npm run sim -- --seed ${caught?.seed} --hours ${BROKEN_HOURS} --break ${name}`);
  });
});

async function firstFailure(
  run: (seed: number) => Promise<SimulationResult>,
): Promise<SimulationResult | null> {
  for (let seed = 1; seed <= BROKEN_SEEDS; seed += 1) {
    const result = await run(seed);
    if (result.violation !== null) return result;
  }
  return null;
}
