/** What the loop tells of a pass that is over, made of what it saw and did. */
import { assert } from '../../core/assert.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { StartMark } from '../../ports/store.ts';
import type { AdmissionSettings } from '../settings.ts';
import { isDecidedUpon } from './decided-upon.ts';
import type { AdmissionEvent } from './events.ts';
import { heldOf } from './held-of.ts';
import type { AdmissionView } from './view.ts';

/** One for each start of the pass, in their order. */
export function startEvents(marks: readonly StartMark[], snapshot: Snapshot): readonly AdmissionEvent[] {
  if (marks.length === 0) return [];
  const { nowMs } = snapshot;
  const ids = marks.map(({ runId }) => runId);
  const runs = heldOf(snapshot, ids);
  return ids.map((runId) => {
    const run = runs.get(runId);
    assert(run !== undefined, 'only a held run is started');
    const { tenant, requests, heldSinceMs } = run;
    const heldForMs = nowMs - heldSinceMs;
    return { kind: 'run-started', runId, tenant, pools: Object.keys(requests), atMs: nowMs, heldForMs };
  });
}

export function finishedEvent(
  view: AdmissionView,
  settings: AdmissionSettings,
  pass: { readonly atMs: number; readonly tookMs: number; readonly started: number },
): AdmissionEvent {
  let held = 0;
  let running = 0;
  for (const run of view.observation.runs) {
    if (run.state === 'running') running += 1;
    else if (run.state === 'held' && isDecidedUpon(run, settings) && !view.starting.has(run.id)) held += 1;
  }
  return { kind: 'pass-finished', ...pass, held, starting: view.starting.size, running };
}
