/**
 * JSON columns: what Penstock wrote there itself, so it is read back without checking.
 */
import type { Requests, Usage } from '../../core/model/run.ts';

/** Keys sorted by code units, so that equal requests are equal text in every database. */
export function requestsText(requests: Requests): string {
  const sorted = Object.entries(requests).sort(([a], [b]) => byCodeUnits(a, b));
  return JSON.stringify(Object.fromEntries(sorted));
}

export function requestsOf(text: string): Requests {
  return JSON.parse(text) as Requests;
}

export function usageText(usage: Usage | null): string | null {
  return usage === null ? null : JSON.stringify(usage);
}

export function usageOf(text: string | null): Usage | null {
  return text === null ? null : (JSON.parse(text) as Usage);
}

/** The order of text everywhere in the store: databases sort by locale, code units do not. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
