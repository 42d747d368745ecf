/**
 * From answers to numbers that may be relied on: one whole number for each pool, with the
 * moments between which it was true, or the reason why it is not to be believed.
 */
import { isPoolName, normalName, UNITS_MAX } from '../../core/needs/pool-names.ts';
import type { QueryAnswer, Series } from './instant-query.ts';

export interface MeterQuery {
  readonly query: string;
  /** Whose number it is: one pool's, or that of the pool named by a label of each series. */
  readonly of:
    | { readonly kind: 'pool'; readonly pool: string }
    | { readonly kind: 'label'; readonly label: string };
  /** A selector: when its series were scraped tells how old the number is. Null: not known. */
  readonly scrapeTimesOf: string | null;
}

export interface Answers {
  readonly value: QueryAnswer;
  /** When the oldest and the newest of the series behind a number were scraped; null if not asked. */
  readonly oldest: QueryAnswer | null;
  readonly newest: QueryAnswer | null;
}

export interface Measured {
  readonly name: string;
  readonly units: number;
  readonly trueFromMs: number;
  readonly trueToMs: number;
  /** What its age counts from: the oldest scrape, or the answer where scrapes are not known. */
  readonly asOfMs: number;
  readonly doubt: string | null;
}

export type Measurement =
  | { readonly kind: 'failed'; readonly doubt: string }
  /** By normal name of the pool. */
  | { readonly kind: 'measured'; readonly pools: ReadonlyMap<string, Measured>; readonly atMs: number };

/** The queries for the times of the scrapes. `timestamp()` of anything but a selector is the time of asking. */
export function timeQueries({ of, scrapeTimesOf }: MeterQuery): { oldest: string; newest: string } | null {
  if (scrapeTimesOf === null) return null;
  const by = of.kind === 'label' ? ` by (${of.label})` : '';
  return {
    oldest: `min${by} (timestamp(${scrapeTimesOf}))`,
    newest: `max${by} (timestamp(${scrapeTimesOf}))`,
  };
}

const QUERY_SHOWN_MAX = 160;

export function shownQuery(query: string): string {
  const line = query.replace(/\s+/g, ' ').trim();
  return line.length > QUERY_SHOWN_MAX ? `${line.slice(0, QUERY_SHOWN_MAX)}...` : line;
}

/** `unknownAgeMs`: how old a number may be of which nobody says when it was scraped. */
export function measurementFrom(query: MeterQuery, answers: Answers, unknownAgeMs: number): Measurement {
  const { value } = answers;
  const shown = shownQuery(query.query);
  if (value.kind === 'failed') return { kind: 'failed', doubt: `the query ${shown} failed: ${value.why}` };
  const times = scrapeTimes(query, answers);
  if (typeof times === 'string')
    return { kind: 'failed', doubt: `the scrape times of ${shown} failed: ${times}` };
  const pools = new Map<string, Measured>();
  const counts = new Map<string, number>();
  for (const series of value.series) {
    const name = poolOf(query, series);
    if (name === null) continue;
    const key = normalName(name);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const doubt =
      count > 1
        ? `the query ${shown} shows ${count} series for ${name} where one is expected`
        : valueDoubt(series.value, `the query ${shown}`, name);
    const units = doubt === null ? Math.ceil(series.value - 1e-9) : 0;
    const span = times === null ? unknownSpan(value.answeredAtMs, unknownAgeMs) : times.get(key);
    const noTime =
      span === undefined ? `the query ${shown} has a value for ${name} but no scrape time` : null;
    const at = span ?? unknownSpan(value.answeredAtMs, unknownAgeMs);
    const asOfMs = times === null ? value.answeredAtMs : at.trueFromMs;
    pools.set(key, { name, units, ...at, asOfMs, doubt: doubt ?? noTime });
  }
  return { kind: 'measured', pools, atMs: value.answeredAtMs };
}

function poolOf({ of }: MeterQuery, { labels }: Series): string | null {
  if (of.kind === 'pool') return of.pool;
  const name = labels[of.label];
  return name !== undefined && isPoolName(name) ? name : null;
}

function valueDoubt(value: number, source: string, pool: string): string | null {
  if (value >= 0 && value <= UNITS_MAX) return null;
  return `${source} shows ${value} for ${pool}; it must be a number from 0 to ${UNITS_MAX}`;
}

interface Span {
  readonly trueFromMs: number;
  readonly trueToMs: number;
}

function unknownSpan(answeredAtMs: number, unknownAgeMs: number): Span {
  return { trueFromMs: answeredAtMs - unknownAgeMs, trueToMs: answeredAtMs };
}

/** By normal name of the pool; null when not asked for; text says why not. */
function scrapeTimes(
  query: MeterQuery,
  { oldest, newest }: Answers,
): ReadonlyMap<string, Span> | string | null {
  if (oldest === null || newest === null) return null;
  if (oldest.kind === 'failed') return oldest.why;
  if (newest.kind === 'failed') return newest.why;
  const spans = new Map<string, Span>();
  for (const { name, atMs } of localTimes(query, oldest, -1))
    spans.set(name, { trueFromMs: atMs, trueToMs: atMs });
  for (const { name, atMs } of localTimes(query, newest, 1)) {
    const span = spans.get(name);
    if (span !== undefined) spans.set(name, { ...span, trueToMs: Math.max(atMs, span.trueFromMs) });
  }
  return spans;
}

/** The server's times by our clock: its clock at the evaluation is known, so how long ago is too. */
function* localTimes(query: MeterQuery, answer: Extract<QueryAnswer, { kind: 'series' }>, side: -1 | 1) {
  for (const series of answer.series) {
    const name = poolOf(query, series);
    const ageMs = answer.evaluatedAtMs - series.value * 1000;
    if (name === null || !Number.isFinite(ageMs)) continue;
    yield { name: normalName(name), atMs: answer.answeredAtMs - ageMs + (side * answer.roundTripMs) / 2 };
  }
}
