/**
 * From what a PipelineRun and its namespace say to a run in Penstock's words.
 *
 * Always true: a run is ours only while Penstock's label says that it held it, or its
 * namespace has the ADR's way switched on and no other queue's mark is on it; one that another
 * controller executes is no run here at all, since it uses nothing of this cluster.
 * What was measured of it is added where it is shown (`sightings.ts`).
 */

import type { RunState } from '../../../core/model/run.ts';
import type { ObservedRun, RunResult } from '../../../ports/engine.ts';
import { START_BEFORE } from '../names.ts';
import type { SeenNamespace } from '../seen-namespace.ts';
import type { SeenRun } from './seen-run.ts';

export interface Placing {
  readonly tenantOf: (namespace: string) => string | null;
  readonly nowMs: () => number;
  /** For a run that names none. */
  readonly defaultPriority: string;
}

/** Null for a run that is not executed here. */
export function observedRun(
  run: SeenRun,
  namespace: SeenNamespace | undefined,
  placing: Placing,
): ObservedRun | null {
  if (run.owner === 'another-controller') return null;
  const state = stateOf(run);
  const { needs, ending } = run;
  return {
    id: run.id,
    project: run.namespace,
    tenant: placing.tenantOf(run.namespace) ?? namespace?.tenant ?? run.namespace,
    priority: needs.priority ?? placing.defaultPriority,
    requests: needs.requests,
    contentHash: run.contentHash,
    timeoutMs: run.timeoutMs,
    state,
    ours: isOurs(run, namespace),
    fault: faultOf(run),
    maxHeldMs: run.maxAgeMs,
    heldSinceMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    // A run whose end has no time yet has ended when that is first seen.
    finishedAtMs: ending === null ? null : (ending.atMs ?? placing.nowMs()),
    result: ending === null ? null : resultOf(ending),
  };
}

function resultOf(ending: NonNullable<SeenRun['ending']>): RunResult {
  return { outcome: ending.outcome, reason: ending.reason, usage: null, profile: null };
}

/** Tekton lets a run go back to pending until it first looks at it; started twice it must not be. */
function faultOf({ needs, isPending, wasStarted }: SeenRun): string | null {
  if (isPending && wasStarted) {
    return `it was started once, as its annotation ${START_BEFORE} says, and then set back to pending; create it anew without that annotation`;
  }
  return needs.faults.length === 0 ? null : needs.faults.join('; ');
}

function stateOf(run: SeenRun): RunState {
  if (run.ending !== null) return run.ending.outcome;
  if (run.startedAtMs !== null) return 'running';
  return run.isPending ? 'held' : 'starting';
}

function isOurs(run: SeenRun, namespace: SeenNamespace | undefined): boolean {
  if (run.hasHeldLabel) return true;
  return run.isPending && namespace?.adoptsPending === true && run.owner === 'tekton';
}
