/**
 * One row of a history, whatever it was written in: fields by name. Names are compared
 * without case and underscores, so that `started_at` of REST, `startedAt` of GraphQL and a
 * column of CSV are one; a value may be text where JSON would have a number.
 */
import { numberOf, shown } from '../table/rows.ts';
import type { NotASample } from './sample.ts';

export class Entry {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(fields: Iterable<readonly [string, unknown]>) {
    this.#fields = new Map([...fields].map(([name, value]) => [plain(name), value]));
  }

  has(name: string): boolean {
    return this.#fields.has(plain(name));
  }

  value(name: string): unknown {
    return this.#fields.get(plain(name)) ?? null;
  }

  /** Null where there is nothing, or no plain text or number. */
  text(name: string): string | null {
    const value = this.value(name);
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    return typeof text === 'string' && text.trim() !== '' && text !== 'null' ? text.trim() : null;
  }

  /** The first of these that is there; `pipeline.id` is the id inside a pipeline. */
  firstText(...names: readonly string[]): string | null {
    for (const name of names) {
      const [outer = '', inside] = name.split('.');
      const text = inside === undefined ? this.text(outer) : (this.inner(outer)?.text(inside) ?? null);
      if (text !== null) return text;
    }
    return null;
  }

  /** Null where there is nothing; NaN for what is no number. */
  number(name: string): number | null {
    const text = this.text(name);
    return text === null ? null : numberOf(text);
  }

  /** An object inside the row. */
  inner(name: string): Entry | null {
    const value = this.value(name);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Entry(Object.entries(value))
      : null;
  }
}

function plain(name: string): string {
  return name.trim().replaceAll('_', '').toLowerCase();
}

/** Milliseconds since the epoch: ISO 8601, GitLab's `2026-11-19 20:47:03 UTC`, or seconds or milliseconds. Null: not said. */
export function instantOf(entry: Entry, name: string): number | null | NotASample {
  const text = entry.text(name);
  if (text === null) return null;
  const number = numberOf(text);
  const ms = Number.isNaN(number) ? dateMs(text) : number * (Math.abs(number) < SECONDS_BELOW ? 1_000 : 1);
  if (Number.isFinite(ms) && Math.abs(ms) <= INSTANT_MAX_MS) return Math.round(ms);
  return { because: 'malformed', column: name, reason: `"${shown(text)}" is not a time` };
}

/** A number below is seconds, above milliseconds: both until the year 5138. */
const SECONDS_BELOW = 1e11;
const INSTANT_MAX_MS = 8.64e15;

function dateMs(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (match === null) return Number.NaN;
  const [, date, time, zone = 'Z'] = match;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return Date.parse(`${date}T${time}${/^(utc|z)$/i.test(offset) ? 'Z' : offset}`);
}

export function isNoSample(value: unknown): value is NotASample {
  return typeof value === 'object' && value !== null && 'because' in value;
}
