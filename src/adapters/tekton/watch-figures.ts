/** How well each watch sees, for a metric each. */
import type { Figure } from '../../ports/figures.ts';
import type { Reflection } from './kubernetes/reflector/reflection.ts';

export interface Watched {
  /** As the API's address has it, in the plural. */
  readonly resource: string;
  readonly reflection: Pick<Reflection<unknown>, 'lastEventAtMs' | 'lists' | 'doubt'>;
}

export function watchFigures(watches: readonly Watched[], nowMs: number): readonly Figure[] {
  return watches.flatMap(({ resource, reflection }): readonly Figure[] => {
    const labels = { resource };
    const { lastEventAtMs, lists } = reflection;
    const age: readonly Figure[] =
      lastEventAtMs === null
        ? []
        : [
            {
              name: 'penstock_watch_event_age_seconds',
              labels,
              value: Math.max(0, nowMs - lastEventAtMs) / 1000,
            },
          ];
    return [
      ...age,
      { name: 'penstock_lists_total', labels, value: lists },
      { name: 'penstock_watch_in_doubt', labels, value: reflection.doubt() === null ? 0 : 1 },
    ];
  });
}
