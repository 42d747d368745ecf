/**
 * Whether a run that was asked for is there: in the engine, or in history. A run goes from the
 * one into the other, so they are looked at in this order: one that is in neither is nowhere.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import { boundedWait } from '../admission/bounded-wait.ts';
import { type AskedRun, namesIn, type PastRuns, pastRun } from '../queries/past-run.ts';

export interface FindRunsParts {
  readonly engine: Engine;
  readonly store: PastRuns;
  readonly clock: Clock;
}

const OBSERVE_LIMIT_MS = 30_000;

/** By the id asked for, the id observed; without those that are nowhere. @throws when the engine cannot be seen */
export async function findRuns(
  parts: FindRunsParts,
  asked: readonly AskedRun[],
): Promise<ReadonlyMap<RunId, RunId>> {
  const { engine, store, clock } = parts;
  const found = new Map<RunId, RunId>();
  if (asked.length === 0) return found;
  const { runs } = await boundedWait({ clock, limitMs: OBSERVE_LIMIT_MS, what: 'The engine' }, (signal) =>
    engine.observe({ fresh: true }, signal),
  );
  const names = namesIn(engine);
  const observed = new Map(runs.map((run) => [names.observed(run.id), run.id]));
  for (const { askedId, project } of asked) {
    const id = observed.get(names.asked(askedId, project));
    if (id !== undefined) found.set(askedId, id);
    else {
      const past = await pastRun(store, engine, { askedId, project });
      if (past !== null) found.set(askedId, past.id);
    }
  }
  return found;
}
