/**
 * Which runs changed their state from one pass of the admission loop to the next.
 *
 * Always true: each state that a pass showed is told once; a run that ended is told when
 * history has it, and not again.
 */
import { isFinished, type RunId, type RunState } from '../../core/model/run.ts';
import type { FinishedRun } from '../../ports/store.ts';
import type { AdmissionView } from '../admission/view.ts';
import { liveState } from '../queries/picture.ts';
import { viewOfFinished, viewOfObserved } from '../queries/runs.ts';
import type { Change } from './change.ts';

type Shown = Pick<AdmissionView, 'observation' | 'starting'>;

export class RunChanges {
  readonly #last = new Map<RunId, { readonly state: RunState; readonly project: string }>();

  /** What this pass shows is known; nothing is told. */
  begin(view: Shown | null): void {
    this.#last.clear();
    if (view !== null) this.since(view);
  }

  /** What is different from the pass before. */
  since({ observation, starting }: Shown): readonly Change[] {
    const changes: Change[] = [];
    const seen = new Set<RunId>();
    for (const run of observation.runs) {
      seen.add(run.id);
      const state = liveState(run, starting);
      if (isFinished(state) || this.#last.get(run.id)?.state === state) continue;
      this.#last.set(run.id, { state, project: run.project });
      changes.push({ kind: 'run', run: viewOfObserved(run, starting) });
    }
    for (const [id, { project }] of this.#last) {
      if (seen.has(id)) continue;
      this.#last.delete(id);
      changes.push({ kind: 'gone', what: 'run', id, project });
    }
    return changes;
  }

  ended(run: FinishedRun): Change {
    this.#last.delete(run.id);
    return { kind: 'run', run: viewOfFinished(run) };
  }
}
