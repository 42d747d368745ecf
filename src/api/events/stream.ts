/**
 * One stream of events: the journal of changes from a place on, as one caller may see it, in
 * the format of server-sent events (HTML Living Standard, 9.2).
 *
 * Always true: a reader that takes nothing costs a place in the journal and nothing else; one
 * that missed something is told `reset` before anything else; nothing of a project that the
 * caller may not see, or not any more, is sent.
 */
import { sightOf } from '../../app/access/rules.ts';
import { type Change, projectOf } from '../../app/changes/change.ts';
import type { Journal, JournalEntry } from '../../app/changes/journal.ts';
import type { Caller } from '../../ports/access.ts';
import type { ResetReason } from '../contract/events.ts';
import { EventSchema } from '../contract/events.ts';

/** A client that was cut off comes again after this time. */
const RETRY_MS = 2_000;
/** At so many changes a step the journal is asked, and what may be seen is found out. */
const STEP_MAX = 100;
const SIGHT_WITHIN_MS = 30_000;

export interface StreamParts {
  readonly journal: Journal;
  /** Stands in every id, so that one of another process is known for what it is. */
  readonly lifetime: string;
  readonly lastEventId: string | null;
  /** Who listens now; null when he is nobody any more, which ends the stream. */
  readonly caller: () => Promise<Caller | null>;
  /** So often something is sent, and asked who listens. */
  readonly heartbeatMs: number;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

export async function* eventStream(parts: StreamParts): AsyncGenerator<string> {
  const { journal, signal, heartbeatMs } = parts;
  const start = startOf(parts);
  let place = start.place;
  yield `retry: ${RETRY_MS}\n${start.reset === null ? idLine(parts, place) : resetText(parts, place, start.reset)}\n`;
  let caller = await parts.caller();
  let beatAtMs = performance.now() + heartbeatMs;
  while (caller !== null && !signal.aborted) {
    const entries = journal.after(place, STEP_MAX);
    if (entries === null) {
      place = journal.last;
      yield `${resetText(parts, place, 'fell-behind')}\n`;
      continue;
    }
    const shown = await seenBy(caller, entries);
    place = entries.at(-1)?.seq ?? place;
    if (shown.length > 0) {
      yield shown.map((entry) => `${eventText(parts, entry)}\n`).join('');
    }
    if (performance.now() >= beatAtMs) {
      caller = await parts.caller();
      beatAtMs = performance.now() + heartbeatMs;
      // With its place, so that who sees little need not begin anew after a cut.
      yield `: still here\n${idLine(parts, place)}\n`;
    }
    if (place === journal.last) await nextChange(journal, beatAtMs - performance.now(), signal);
  }
}

interface Start {
  readonly place: number;
  readonly reset: ResetReason | null;
}

function startOf({ journal, lifetime, lastEventId }: StreamParts): Start {
  if (lastEventId === null || lastEventId === '') return { place: journal.last, reset: null };
  const [, life, text] = /^([0-9a-z]+)-(\d{1,15})$/.exec(lastEventId) ?? [];
  if (life !== lifetime) return { place: journal.last, reset: 'other-process' };
  const place = Number(text);
  return journal.after(place, 0) === null
    ? { place: journal.last, reset: 'too-old' }
    : { place, reset: null };
}

async function seenBy(caller: Caller, entries: readonly JournalEntry[]): Promise<readonly JournalEntry[]> {
  const projects = entries.flatMap(({ change }) => projectOf(change) ?? []);
  if (projects.length === 0) return entries;
  const sees = await sightOf(caller, projects, AbortSignal.timeout(SIGHT_WITHIN_MS));
  return entries.filter(({ change }) => {
    const project = projectOf(change);
    return project === null || sees(project);
  });
}

/** Each change is put into words once, however many listen. */
const texts = new WeakMap<Change, string>();

function eventText(parts: StreamParts, { seq, change }: JournalEntry): string {
  let text = texts.get(change);
  if (text === undefined) {
    text = `event: ${change.kind}\ndata: ${JSON.stringify(EventSchema.parse(change))}\n`;
    texts.set(change, text);
  }
  return idLine(parts, seq) + text;
}

function resetText(parts: StreamParts, place: number, reason: ResetReason): string {
  const data = JSON.stringify(EventSchema.parse({ kind: 'reset', reason }));
  return `${idLine(parts, place)}event: reset\ndata: ${data}\n`;
}

function idLine({ lifetime }: StreamParts, place: number): string {
  return `id: ${lifetime}-${place}\n`;
}

/** Resolves with the next change, after this time, or when the stream is to end. */
function nextChange(journal: Journal, withinMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      forget();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, withinMs));
    const forget = journal.onNext(done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
