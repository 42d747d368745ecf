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
