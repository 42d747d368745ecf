/**
 * Quantiles of many values without sorting all of them: only the values at the places that
 * the quantiles need are brought there, the smaller ones before and the larger ones behind.
 *
 * Always true: the quantiles are those of the sorted values, to the last bit.
 * Source: Hoare, "Algorithm 65: Find", Communications of the ACM 4 (1961). Each value is
 * moved, to either side, by arithmetic: which side it will be no branch predictor can tell.
 */
import { assert } from '../assert.ts';

/** Fewer are put in order one by one. */
const FEW = 12;
/** After so many steps that each left more than half, the values are made to be slow, and sorted. */
const STEPS_MAX = 40;

/**
 * @param values no NaN, length >= 1; they are reordered
 * @param levels ascending, each in [0, 1]
 * @returns `into`, filled with the quantile of each level (as `quantile` of the sorted values)
 */
export function selectQuantiles(
  values: Float64Array,
  levels: readonly number[],
  into: Float64Array,
): Float64Array {
  assert(values.length >= 1, 'a quantile of nothing was asked for');
  const last = values.length - 1;
  let from = 0;
  for (let nth = 0; nth < levels.length; nth += 1) {
    const place = last * (levels[nth] as number);
    const below = Math.floor(place);
    const above = Math.min(below + 1, last);
    select(values, below, from);
    if (above > below) bringLeast(values, above);
    from = above;
    const low = values[below] as number;
    into[nth] = low + ((values[above] as number) - low) * (place - below);
  }
  return into;
}

/** Brings the value to `rank` that is there when sorted. None before `from` is larger than any behind it. */
function select(values: Float64Array, rank: number, from: number): void {
  let low = from;
  let high = values.length - 1;
  for (let step = 0; high - low >= FEW; step += 1) {
    if (step === STEPS_MAX) {
      values.subarray(low, high + 1).sort();
      return;
    }
    const pivot = middleOf(values, low, high);
    const smaller = partition(values, low, high, pivot);
    if (rank < smaller) {
      high = smaller - 1;
      continue;
    }
    const larger = partitionEqual(values, smaller, high, pivot);
    if (rank < larger) return;
    low = larger;
  }
  putInOrder(values, low, high);
}

/** Brings the least of the values from `rank` on there. */
function bringLeast(values: Float64Array, rank: number): void {
  let least = rank;
  for (let at = rank + 1; at < values.length; at += 1) {
    if ((values[at] as number) < (values[least] as number)) least = at;
  }
  const value = values[least] as number;
  values[least] = values[rank] as number;
  values[rank] = value;
}

function putInOrder(values: Float64Array, low: number, high: number): void {
  for (let next = low + 1; next <= high; next += 1) {
    const value = values[next] as number;
    let at = next;
    while (at > low && (values[at - 1] as number) > value) {
      values[at] = values[at - 1] as number;
      at -= 1;
    }
    values[at] = value;
  }
}

/** Those smaller than the pivot come first; returns where the others begin. */
function partition(values: Float64Array, low: number, high: number, pivot: number): number {
  let place = low;
  for (let at = low; at <= high; at += 1) {
    const value = values[at] as number;
    values[at] = values[place] as number;
    values[place] = value;
    place += Number(value < pivot);
  }
  return place;
}

/** Those equal to the pivot come first; returns where the larger ones begin. */
function partitionEqual(values: Float64Array, low: number, high: number, pivot: number): number {
  let place = low;
  for (let at = low; at <= high; at += 1) {
    const value = values[at] as number;
    values[at] = values[place] as number;
    values[place] = value;
    place += Number(value <= pivot);
  }
  return place;
}

/** The median of three medians of three, spread over all. */
function middleOf(values: Float64Array, low: number, high: number): number {
  const step = (high - low) >> 3;
  const of = (nth: number): number =>
    middle(
      values[low + nth * step] as number,
      values[low + (nth + 3) * step] as number,
      values[low + (nth + 6) * step] as number,
    );
  return middle(of(0), of(1), of(2));
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
