/** What a shadow report takes for granted, in sentences: whoever acts on it has to know. */
import type { Comparison } from '../../core/replay/replayed-history.ts';
import { units } from '../queries/say-when.ts';

export function assumptions(about: {
  readonly comparison: Pick<Comparison, 'leftOut' | 'timeouts'>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly isCut: boolean;
  readonly unfinished: number;
}): readonly string[] {
  const { comparison, sizes, isCut, unfinished } = about;
  const { leftOut, timeouts } = comparison;
  const whatIf = Object.entries(sizes).map(([pool, size]) => `${pool}=${size}`);
  const spoiled = timeouts.neverStarted + timeouts.crowded;
  const left = [
    ...(unfinished > 0 ? [`${units(unfinished, 'run')} not finished yet`] : []),
    ...(leftOut.cancelledWaiting > 0
      ? [`${units(leftOut.cancelledWaiting, 'run')} cancelled while waiting`]
      : []),
    ...(leftOut.failedUnstarted > 0
      ? [`${units(leftOut.failedUnstarted, 'run')} that failed before starting`]
      : []),
  ];
  return [
    'The same runs would have been created at the same moments, and would have taken as long as they took.',
    'Pools, priorities, weights and caps are those of now, without pauses, and nothing else used the pools.',
    'What ran when the window began goes on as it did; starting takes no time.',
    ...(whatIf.length === 0 ? [] : [`Sizes asked for instead of those of now: ${whatIf.join(', ')}.`]),
    ...(spoiled === 0
      ? []
      : [
          `How long ${units(spoiled, 'run')} would have taken that timed out unstarted or in a crowded pool nobody measured: the median of their pipeline stands.`,
        ]),
    ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}.`]),
    ...(isCut
      ? ['There were more runs than a report reads, so its window begins later than asked for.']
      : []),
  ];
}
