/** Finds what somebody probably meant to write. */

/** The known name most like `given`, or null when none is like it. */
export function nearest(given: string, known: readonly string[]): string | null {
  let best: string | null = null;
  // Up to a third of the letters may be wrong, one at least.
  let allowed = Math.max(1, Math.floor(given.length / 3));
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase(), allowed);
    if (distance > allowed) continue;
    best = name;
    allowed = distance - 1;
    if (allowed < 0) break;
  }
  return best;
}

/** Letters to insert, drop, change or swap with their neighbour; anything over `most` when it is more. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : changed;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, changed, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
