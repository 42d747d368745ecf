/**
 * Lengths of time as people write them: "90s", "5m", "1h30m", "2d", "250ms".
 *
 * A bare number is refused: half of all readers would take it for seconds.
 */
const UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
const PARTS = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,12})ms)?$/;

export const DURATION_HINT = 'a length of time such as "90s", "5m" or "1h30m"';

/** Milliseconds; null when the text is no length of time. Units go from large to small, each once. */
export function parseDuration(text: string): number | null {
  const match = PARTS.exec(text);
  if (match === null || text === '') return null;
  const amounts = match.slice(1);
  const units = Object.values(UNITS_MS);
  return amounts.reduce((sum, amount, place) => sum + Number(amount ?? 0) * (units[place] ?? 0), 0);
}

/** The shortest text that `parseDuration` reads as the same length. */
export function durationText(ms: number): string {
  let left = ms;
  let text = '';
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    const amount = Math.floor(left / unitMs);
    if (amount > 0) text += `${amount}${unit}`;
    left -= amount * unitMs;
  }
  return text === '' ? '0s' : text;
}
