/** Instants as Kubernetes writes them: RFC 3339, mostly to the second. */

/** Milliseconds since the epoch; null when there is none, or it is none. */
export function instant(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** RFC 3339 in UTC, cut to the second. */
export function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
