/**
 * One watch, from a version on until it ends, whichever way.
 *
 * Always true: `version` is that of the last event that was taken in, so that a watch from
 * there misses nothing; a line that cannot be read ends the watch, for nobody knows what it was.
 */
import type { Cluster, RawObject } from '../api.ts';
import type { Time } from '../time.ts';
import { wordsFor } from '../transport/words.ts';
import { JsonLines } from './json-stream.ts';
import { isRecord, listMeta, rawObject } from './raw-object.ts';
import { Turns } from './turns.ts';

const ANSWER_TIMEOUT_MS = 30_000;
/** An open watch that has brought nothing for so long has nothing to catch up with. */
const SETTLED_AFTER_MS = 1_000;

export interface WatchOptions {
  readonly cluster: Cluster;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly version: string;
  readonly watchMs: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly time: Time;
  readonly onPut: (raw: RawObject) => void;
  readonly onRemove: (raw: RawObject) => void;
  /** After all events that came together: everything up to this version has been told. */
  readonly onChunk: (version: string) => void;
  /** The watch shows the present. */
  readonly onSettled: () => void;
}

export type WatchEnd = { readonly version: string } & (
  | { readonly kind: 'ended' }
  /** What happened after the version is forgotten. */
  | { readonly kind: 'gone' }
  /** Not a byte for too long. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfterMs: number | null }
);

export async function readWatch(options: WatchOptions): Promise<WatchEnd> {
  const { cluster, path, watchMs, silenceMs, signal, time, onSettled } = options;
  const { version } = options;
  const query = {
    ...options.query,
    watch: '1',
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.ceil(watchMs / 1000)),
  };
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  signal.addEventListener('abort', giveUp);
  const silence = new Silence(time, silenceMs, giveUp);
  let cancelSettled = () => {};
  try {
    const asked = { path, query, signal: controller.signal, timeoutMs: ANSWER_TIMEOUT_MS };
    const outcome = await cluster.stream(asked);
    if (outcome.kind === 'api-status') {
      if (outcome.code === 410) return { kind: 'gone', version };
      const why = `${outcome.code} ${outcome.message}`;
      return { kind: 'failed', why, retryAfterMs: outcome.retryAfterMs, version };
    }
    if (outcome.kind !== 'streaming')
      return { kind: 'failed', why: outcome.why, retryAfterMs: null, version };
    cancelSettled = time.after(SETTLED_AFTER_MS, onSettled);
    return await readEvents(options, outcome.chunks, silence);
  } finally {
    cancelSettled();
    silence.stop();
    signal.removeEventListener('abort', giveUp);
  }
}

async function readEvents(
  options: WatchOptions,
  chunks: AsyncIterable<Buffer>,
  silence: Silence,
): Promise<WatchEnd> {
  const lines = new JsonLines();
  const turns = new Turns();
  let { version } = options;
  try {
    for await (const chunk of chunks) {
      silence.broken();
      for await (const line of turns.each(lines.push(chunk))) {
        const taken = takeEvent(options, JSON.parse(line));
        if (taken.kind !== 'taken') return { ...taken, version };
        version = later(version, taken.version);
      }
      options.onChunk(version);
    }
    if (!lines.hasRest) return { kind: 'ended', version };
    return { kind: 'failed', why: 'the last line was cut off', retryAfterMs: null, version };
  } catch (error) {
    if (silence.isOver) return { kind: 'silent', version };
    return { kind: 'failed', why: wordsFor(error), retryAfterMs: null, version };
  } finally {
    options.onChunk(version);
  }
}

type Taken =
  | { readonly kind: 'taken'; readonly version: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfterMs: null };

function takeEvent({ onPut, onRemove, onSettled }: WatchOptions, event: unknown): Taken {
  const { type, object } = isRecord(event) ? event : {};
  if (type === 'ERROR') {
    const { code, message } = isRecord(object) ? object : {};
    if (code === 410) return { kind: 'gone' };
    return { kind: 'failed', why: `${String(code)} ${String(message)}`, retryAfterMs: null };
  }
  onSettled();
  if (type === 'BOOKMARK') return { kind: 'taken', version: listMeta(object).version };
  const raw = rawObject(object);
  if (type === 'DELETED') onRemove(raw);
  else if (type === 'ADDED' || type === 'MODIFIED') onPut(raw);
  else throw new Error(`an event of unknown type ${String(type)}`);
  return { kind: 'taken', version: raw.metadata.resourceVersion };
}

/** Events that overtook each other must not take the watch back. */
function later(known: string, next: string): string {
  return Number(next) < Number(known) ? known : next;
}

/** Calls when nothing came for too long. One timer, however much comes. */
class Silence {
  readonly #time: Time;
  readonly #boundMs: number;
  readonly #onOver: () => void;
  #sinceMs: number;
  #cancel: () => void = () => {};
  isOver = false;

  constructor(time: Time, boundMs: number, onOver: () => void) {
    this.#time = time;
    this.#boundMs = boundMs;
    this.#onOver = onOver;
    this.#sinceMs = time.steadyMs();
    this.#arm(boundMs);
  }

  broken(): void {
    this.#sinceMs = this.#time.steadyMs();
  }

  stop(): void {
    this.#cancel();
  }

  #arm(delayMs: number): void {
    this.#cancel = this.#time.after(delayMs, () => {
      const leftMs = this.#sinceMs + this.#boundMs - this.#time.steadyMs();
      if (leftMs > 0) return this.#arm(leftMs);
      this.isOver = true;
      this.#onOver();
    });
  }
}
