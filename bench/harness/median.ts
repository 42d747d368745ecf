/**
 * Medians of repeated measurements. Programs to be compared take turns, round by round, so
 * that whatever else the machine does hits all of them alike.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('a median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

type Measure = () => number | Promise<number>;

/** One unmeasured turn each, then `rounds` measured ones; the median of each. */
export async function medians<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, Measure>>,
): Promise<Readonly<Record<Name, number>>> {
  const entries = Object.entries<Measure>(measures);
  const taken = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, measure] of entries) {
      const value = await measure();
      if (round >= 0) taken.get(name)?.push(value);
    }
  }
  const result = Object.fromEntries([...taken].map(([name, values]) => [name, median(values)]));
  return result as Record<Name, number>;
}

/** Seconds that `work` takes. */
export function secondsOf(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}
