/**
 * Quantiles of many values without sorting all of them: only the values at the places that
 * the quantiles need are brought there, the smaller ones before and the larger ones behind.
 *
 * Always true: the quantiles are those of the sorted values, to the last bit.
 * Source: Hoare, "Algorithm 65: Find", Communications of the ACM 4 (1961). Each value is
 * moved, to either side, by arithmetic: which side it will be no branch predictor can tell. The
 * value that parts them is taken from a sample, near the rank (after Floyd and Rivest, "Expected
 * Time Bounds for Selection", Communications of the ACM 18, 1975).
 */
import { assert } from '../assert.ts';

/** Fewer are put in order one by one. */
const FEW = 12;
/** With fewer the middle of nine does, which costs less to find. */
const SAMPLED_FROM = 300;
/** So many tell where the value that is looked for lies. */
const SAMPLE = 15;
/** Room for them, since making it takes longer than filling it; nothing stays in it from call to call. */
const sample = new Float64Array(SAMPLE);
/** After so many steps the values are made to be slow, and sorted. */
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
    const high = select(values, below, from);
    if (above > below) bringLeast(values, above, high);
    from = above;
    const low = values[below] as number;
    into[nth] = low + ((values[above] as number) - low) * (place - below);
  }
  return into;
}

/**
 * Brings the value to `rank` that is there when sorted. None before `from` is larger than any behind it.
 *
 * @returns the last place of those among which it was found; none of them is larger than any behind
 */
function select(values: Float64Array, rank: number, from: number): number {
  let low = from;
  let high = values.length - 1;
  for (let step = 0; high - low >= FEW; step += 1) {
    if (step === STEPS_MAX) {
      values.subarray(low, high + 1).sort();
      return high;
    }
    const pivot = pivotFor(values, low, high, rank);
    const smaller = partition(values, low, high, pivot);
    if (rank < smaller) {
      high = smaller - 1;
    } else if (smaller > low) {
      low = smaller;
    } else {
      // Nothing is smaller: those equal to it come first, and the rest is left.
      low = partitionEqual(values, low, high, pivot);
      if (rank < low) return high;
    }
  }
  putInOrder(values, low, high);
  return high;
}

/** Brings the least of the values from `rank` on there; up to `high` will do if there is one. */
function bringLeast(values: Float64Array, rank: number, high: number): void {
  const last = high < rank ? values.length - 1 : high;
  let least = rank;
  for (let at = rank + 1; at <= last; at += 1) {
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

/**
 * A value that probably lies just beyond the one of the rank, on the side where less is left:
 * then the next step has to look at little more than what lies between.
 */
function pivotFor(values: Float64Array, low: number, high: number, rank: number): number {
  if (high - low < SAMPLED_FROM) return middleOf(values, low, high);
  const step = (high - low) / (SAMPLE - 1);
  for (let nth = 0; nth < SAMPLE; nth += 1) sample[nth] = values[low + Math.floor(nth * step)] as number;
  putInOrder(sample, 0, SAMPLE - 1);
  const share = (rank - low) / (high - low);
  const place = Math.round(share * (SAMPLE - 1)) + (share < 0.5 ? 1 : -1);
  return sample[Math.max(0, Math.min(SAMPLE - 1, place))] as number;
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
