/**
 * Instants as a person at a terminal reads them: the local clock, how far away that is,
 * and how sure it is: "16:40, in 12 min (16:25 to 17:10)".
 */
import { sayWhenIn } from '../../app/queries/say-when.ts';
import type { Quantiles } from '../../core/forecast/types.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const local = sayWhenIn(Intl.DateTimeFormat().resolvedOptions().timeZone);

export function clock(nowMs: number, atMs: number): string {
  return local.instant(nowMs, atMs);
}

/** "0.4 s", "12 s", "3 min 20 s", "12 min", "2 h 5 min", "3 d 4 h". */
export function span(ms: number): string {
  if (ms < 10 * SECOND_MS) return `${Math.round(ms / 100) / 10} s`;
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < 10 * MINUTE_MS) return twoUnits(ms, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return twoUnits(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return twoUnits(ms, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

function twoUnits(ms: number, large: readonly [number, string], small: readonly [number, string]): string {
  const smalls = Math.round(ms / small[0]);
  const inLarge = large[0] / small[0];
  const rest = smalls % inLarge;
  const larges = `${Math.floor(smalls / inLarge)} ${large[1]}`;
  return rest === 0 ? larges : `${larges} ${rest} ${small[1]}`;
}

/** "in 12 min", "12 min ago", "now". */
export function fromNow(nowMs: number, atMs: number): string {
  const away = atMs - nowMs;
  if (Math.abs(away) < SECOND_MS / 2) return 'now';
  return away > 0 ? `in ${span(away)}` : `${span(-away)} ago`;
}

/** "16:40, in 12 min". */
export function moment(nowMs: number, atMs: number): string {
  return `${clock(nowMs, atMs)}, ${fromNow(nowMs, atMs)}`;
}

/** "16:40, in 12 min (16:25 to 17:10)"; without the range where both ends read the same. */
export function momentRange(nowMs: number, atMs: Quantiles): string {
  const [low, high] = [clock(nowMs, atMs.p10), clock(nowMs, atMs.p90)];
  return low === high ? moment(nowMs, atMs.p50) : `${moment(nowMs, atMs.p50)} (${low} to ${high})`;
}

/** "262 (250 to 271)"; one number where they are equal. */
export function countRange(count: Quantiles): string {
  const [low, middle, high] = [count.p10, count.p50, count.p90].map(Math.round);
  return low === high ? `${middle}` : `${middle} (${low} to ${high})`;
}
