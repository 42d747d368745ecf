/** How many of many spans of time lie over each other. */

/**
 * Most spans at one moment; one that ends when another begins is not counted with it.
 *
 * @param from,to of equal length, sorted ascending each by itself: which end belongs to which
 *   begin does not matter
 */
export function mostAtOnce(from: ArrayLike<number>, to: ArrayLike<number>): number {
  let most = 0;
  let ended = 0;
  for (let begun = 0; begun < from.length; begun += 1) {
    while (ended < to.length && (to[ended] as number) <= (from[begun] as number)) ended += 1;
    most = Math.max(most, begun + 1 - ended);
  }
  return most;
}

/**
 * Most weight at one moment, of spans in any order; one that ends when another begins is not
 * counted with it.
 */
export function mostWeightAtOnce({
  from,
  to,
  weight,
}: {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly weight: Float64Array;
}): number {
  const by = (instants: Float64Array): Uint32Array =>
    Uint32Array.from(instants.keys()).sort((a, b) => (instants[a] as number) - (instants[b] as number));
  const ends = by(to);
  let [most, now, ended] = [0, 0, 0];
  for (const begun of by(from)) {
    while (ended < ends.length && (to[ends[ended] as number] as number) <= (from[begun] as number)) {
      now -= weight[ends[ended] as number] as number;
      ended += 1;
    }
    now += weight[begun] as number;
    most = Math.max(most, now);
  }
  return most;
}
