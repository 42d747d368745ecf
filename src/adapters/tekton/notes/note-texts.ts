/**
 * What is written on a run for people and for their scripts: instants to the second, in UTC.
 */
import type { RunNote } from '../../../ports/engine.ts';
import { wholeSeconds } from '../instants.ts';
import { NOTE_ANNOTATIONS } from '../names.ts';

const REASON_LENGTH_MAX = 500;

/** Annotations to set; null takes one away. */
export function noteAnnotations(note: RunNote): Readonly<Record<string, string | null>> {
  const { because, position, startsAtMs, finishesAtMs } = note;
  return {
    [NOTE_ANNOTATIONS.reason]: bounded(because),
    [NOTE_ANNOTATIONS.position]: position === null ? null : String(position),
    [NOTE_ANNOTATIONS.startsAt]: startsAtMs === null ? null : toTheSecond(startsAtMs.p50),
    [NOTE_ANNOTATIONS.finishesAt]: finishesAtMs === null ? null : toTheSecond(finishesAtMs.p50),
  };
}

/** The sentence of an Event: why it waits, its place, and when it should start. */
export function eventMessage(note: RunNote): string {
  const place = note.position === null ? '' : ` Place ${note.position} in the queue.`;
  if (note.startsAtMs === null) return bounded(`${note.because}${place}`);
  const { p10, p50, p90 } = note.startsAtMs;
  const range = `between ${toTheSecond(p10)} and ${toTheSecond(p90)}`;
  return bounded(`${note.because}${place} Starts about ${toTheSecond(p50)} (${range} in 8 of 10 forecasts).`);
}

export function toTheSecond(ms: number): string {
  return wholeSeconds(Math.round(ms / 1000) * 1000);
}

function bounded(text: string): string {
  return text.length <= REASON_LENGTH_MAX ? text : `${text.slice(0, REASON_LENGTH_MAX - 3)}...`;
}
