/**
 * One consistent list, page by page: all pages show one moment, that of the first.
 */
import type { Cluster, RawObject } from '../api.ts';
import type { BackOff } from '../back-off.ts';
import type { Time } from '../time.ts';
import { pause } from '../time.ts';
import { wordsFor } from '../transport/words.ts';
import { JsonItems } from './json-stream.ts';
import { listMeta, rawObject } from './raw-object.ts';
import { Turns } from './turns.ts';

/** A page of 500 large objects over a slow line; a list that takes longer begins anew. */
const PAGE_TIMEOUT_MS = 60_000;
/** Of one page; then the whole list begins anew. */
const ATTEMPTS_MAX = 5;

export interface ListOptions {
  readonly cluster: Cluster;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  readonly time: Time;
  readonly backOff: BackOff;
  readonly onObject: (raw: RawObject) => void;
  /** After each page; false ends the list. */
  readonly onPage: (version: string) => boolean;
}

export type ListEnd =
  | { readonly kind: 'listed'; readonly version: string }
  /** The moment of the first page is forgotten, or `onPage` said no. */
  | { readonly kind: 'void' }
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfterMs: number | null };

interface Page {
  readonly kind: 'page';
  readonly version: string;
  readonly next: string;
}

export async function readList(options: ListOptions): Promise<ListEnd> {
  const { backOff, time, signal, onPage } = options;
  let version: string | null = null;
  let next = '';
  for (let attempt = 1; ; ) {
    const page = await readPage(options, next);
    if (page.kind === 'page') {
      version ??= page.version;
      if (!onPage(version)) return { kind: 'void' };
      if (page.next === '') return { kind: 'listed', version };
      ({ next } = page);
      attempt = 1;
      continue;
    }
    // The first page has nothing to keep, and a forgotten moment cannot be gone on with.
    const isHopeless = next === '' || page.kind === 'void' || attempt === ATTEMPTS_MAX;
    if (isHopeless || signal.aborted) return page;
    attempt += 1;
    await pause(time, backOff.nextMs(page.retryAfterMs), signal);
  }
}

async function readPage(
  options: ListOptions,
  next: string,
): Promise<Page | Exclude<ListEnd, { kind: 'listed' }>> {
  const { cluster, path, pageSize, signal, time, onObject } = options;
  const query = { ...options.query, limit: String(pageSize), ...(next === '' ? {} : { continue: next }) };
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  const cancel = time.after(PAGE_TIMEOUT_MS, giveUp);
  signal.addEventListener('abort', giveUp);
  try {
    const asked = { path, query, signal: controller.signal, timeoutMs: PAGE_TIMEOUT_MS };
    const outcome = await cluster.stream(asked);
    if (outcome.kind === 'api-status') return refused(outcome.code, outcome.message, outcome.retryAfterMs);
    if (outcome.kind !== 'streaming') return { kind: 'failed', why: outcome.why, retryAfterMs: null };
    const items = new JsonItems();
    const turns = new Turns();
    for await (const chunk of outcome.chunks) {
      for await (const text of turns.each(items.push(chunk))) onObject(rawObject(JSON.parse(text)));
    }
    return { kind: 'page', ...listMeta(items.end()) };
  } catch (error) {
    return { kind: 'failed', why: wordsFor(error), retryAfterMs: null };
  } finally {
    cancel();
    signal.removeEventListener('abort', giveUp);
  }
}

/** A broken token of a page is told as 400, an expired one as 410: both need a new list. */
function refused(
  code: number,
  message: string,
  retryAfterMs: number | null,
): Exclude<ListEnd, { kind: 'listed' }> {
  if (code === 410) return { kind: 'void' };
  return { kind: 'failed', why: `${code} ${message}`, retryAfterMs };
}
