/** The moment that "by 06:00" means: the first such time of day after the window has opened. */
import type { Occurrence } from '../schedule/recurrence.ts';
import { type Instants, instantsOf } from '../schedule/time-zone.ts';

/** @param minute of the day, by the clocks of the zone */
export function firstSuchTimeMs(timeZone: string, minute: number, occurrence: Occurrence): number {
  for (let day = occurrence.day; ; day += 1) {
    const ms = firstMs(instantsOf(timeZone, { day, minute }));
    if (ms > occurrence.startsAtMs) return ms;
  }
}

function firstMs(instants: Instants): number {
  switch (instants.kind) {
    case 'once':
      return instants.atMs;
    case 'skipped':
      return instants.nextMs;
    case 'repeated':
      return instants.firstMs;
  }
}
