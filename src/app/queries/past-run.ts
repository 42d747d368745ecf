/**
 * A run that was asked for, where only history has it: it ended, and the engine shows it no more.
 *
 * Always true: it is looked for by what the engine calls it, which may be more than the id that
 * was asked for; otherwise a run whose answer was lost could be made a second time.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Engine } from '../../ports/engine.ts';
import type { FinishedRun, Store } from '../../ports/store.ts';

export type PastRuns = Pick<Store, 'finishedRun' | 'finishedRunLike'>;

export interface AskedRun {
  readonly askedId: RunId;
  readonly project: string;
}

/** Null when history has none; a run of this name that was made again and ended counts as it. */
export async function pastRun(
  store: PastRuns,
  { can }: Pick<Engine, 'can'>,
  { askedId, project }: AskedRun,
): Promise<FinishedRun | null> {
  const exactly = await store.finishedRun(askedId);
  if (exactly !== null || can.namesOf === undefined) return exactly;
  return store.finishedRunLike(can.namesOf.asked(askedId, project));
}

/** How to tell that a run observed is one that was asked for. */
export function namesIn({ can }: Pick<Engine, 'can'>): NonNullable<Engine['can']['namesOf']> {
  return can.namesOf ?? PLAIN;
}

/** The engine calls a run what it was asked to. */
const PLAIN = { asked: (id: RunId) => String(id), observed: (id: RunId) => String(id) };
