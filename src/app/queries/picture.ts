/**
 * The picture that questions are answered from: one consistent look at the queue, either
 * the admission loop's last pass or, where no loop runs, a look of our own.
 *
 * Always true: looking starts nothing and writes nothing. Runs whose start is on its way
 * are active here, so that numbers of free units and places in the queue are those that
 * hold after the pass and not before it. A held run that waits to be tried again is held.
 */
import type { DurationModel } from '../../core/duration/model.ts';
import type { RunId } from '../../core/model/run.ts';
import type { ActiveRun, ClassStart, HeldRun, Snapshot } from '../../core/model/snapshot.ts';
import type { CapacitySource } from '../../ports/capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, ObservedRun, TenantHint } from '../../ports/engine.ts';
import type { Store } from '../../ports/store.ts';
import { buildSnapshot, heldRun } from '../admission/build-snapshot.ts';
import { poolsFrom } from '../admission/capacity.ts';
import { type StandingControls, standingControls, steered, withFronts } from '../admission/controls.ts';
import type { DurationModelSource } from '../admission/durations.ts';
import { sortMarks } from '../admission/marks.ts';
import type { AdmissionView, Retry } from '../admission/view.ts';
import type { AdmissionSettings } from '../settings.ts';
import { untilAborted } from './until-aborted.ts';

export interface Picture {
  /** A look of our own, made for the question; else the loop's last pass. */
  readonly isFresh: boolean;
  readonly runs: ReadonlyMap<RunId, ObservedRun>;
  readonly snapshot: Snapshot;
  readonly starting: ReadonlySet<RunId>;
  readonly retries: ReadonlyMap<RunId, Retry>;
  readonly controls: StandingControls;
  /** What the engine says of tenants. */
  readonly hints: readonly TenantHint[];
  readonly model: DurationModel;
}

export interface Surroundings {
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: AdmissionSettings;
  readonly durations: DurationModelSource;
}

/** The loop's last pass, as it is after that pass. */
export function pictureOfPass(view: AdmissionView, model: DurationModel): Picture {
  const runs = new Map(view.observation.runs.map((run) => [run.id, run]));
  const snapshot = afterPass(view, runs, model);
  return {
    isFresh: false,
    runs,
    snapshot,
    starting: view.starting,
    retries: view.retries,
    controls: view.controls,
    hints: view.observation.tenants ?? [],
    model,
  };
}

/** A look of our own, at what is there this moment. */
export async function lookAround(
  around: Surroundings,
  options: { readonly refreshNow: boolean },
  signal: AbortSignal,
): Promise<Picture> {
  const { engine, capacity, store, settings, durations } = around;
  const askedAtMs = around.clock.nowMs();
  const [observation, reading, marks, grants, classStarts, orders] = await untilAborted(
    signal,
    Promise.all([
      engine.observe({ fresh: true }, signal),
      capacity.read(signal),
      store.marks(),
      store.grants(),
      store.classStarts(),
      store.controls(),
      durations.refresh({ now: options.refreshNow }),
    ]),
  );
  const nowMs = around.clock.nowMs();
  const runs = new Map(observation.runs.map((run) => [run.id, run]));
  const { open } = sortMarks(marks, runs, () => askedAtMs);
  const hints = observation.tenants ?? [];
  const controls = standingControls({ settings, orders, hints });
  const withControls = steered(settings, controls);
  const pools = poolsFrom({ reading, known: [], settings: withControls });
  const { tenants } = withControls;
  const snapshot = buildSnapshot({
    nowMs,
    settings: withControls,
    pools,
    runs: observation.runs,
    marks: open,
    grants: withFronts(grants, { nowMs, fronts: controls.fronts, runs, pools, tenants }),
    classStarts,
    estimateOf: (series) => durations.estimateOf(series),
  });
  return {
    isFresh: true,
    runs,
    snapshot,
    starting: new Set(open.map((mark) => mark.runId)),
    retries: new Map(),
    controls,
    hints,
    model: durations.model(),
  };
}

function afterPass(
  view: AdmissionView,
  runs: ReadonlyMap<RunId, ObservedRun>,
  model: DurationModel,
): Snapshot {
  const { snapshot, decision, starting, retries } = view;
  const leaving = snapshot.held.filter((run) => starting.has(run.id));
  const staying = snapshot.held.filter((run) => !starting.has(run.id));
  const known = new Set(snapshot.held.map((run) => run.id));
  const resting = [...retries.keys()]
    .filter((id) => !known.has(id) && !starting.has(id))
    .map((id) => runs.get(id))
    // One that cannot be understood by now is in no snapshot.
    .filter((run) => run?.state === 'held' && run.fault === null)
    .map((run) => heldRun(run as ObservedRun, { estimateOf: (series) => model.estimate(series) }));
  return {
    ...snapshot,
    held: [...staying, ...resting],
    active: [...snapshot.active, ...leaving.map((run) => startedAt(run, snapshot.nowMs))],
    grants: decision.grants.filter((grant) => !starting.has(grant.runId)),
    classStarts: [...snapshot.classStarts, ...leaving.map((run) => classStart(run, snapshot.nowMs))],
  };
}

function startedAt(run: HeldRun, sinceMs: number): ActiveRun {
  const { id, project, tenant, contentHash, requests, estimate, timeoutMs } = run;
  return { id, project, tenant, contentHash, requests, sinceMs, estimate, timeoutMs };
}

function classStart(run: HeldRun, atMs: number): ClassStart {
  return { tenant: run.tenant, priority: run.priority, requests: run.requests, atMs };
}

/** How many runs are in each of the three states before the end. */
export function countLive(picture: Picture): { held: number; starting: number; running: number } {
  const counts = { held: 0, starting: 0, running: 0 };
  for (const run of picture.runs.values()) {
    const state = liveState(run, picture.starting);
    if (state === 'held' || state === 'starting' || state === 'running') counts[state] += 1;
  }
  return counts;
}

/** Of whatever runs are seen, each once. */
export function projectsIn({ runs }: Pick<Picture, 'runs'>): ReadonlySet<string> {
  const projects = new Set<string>();
  for (const run of runs.values()) projects.add(run.project);
  return projects;
}

/** The engine shows a run held until its start lands; for people it is starting since it was let go. */
export function liveState(run: ObservedRun, starting: ReadonlySet<RunId>): ObservedRun['state'] {
  return run.state === 'held' && starting.has(run.id) ? 'starting' : run.state;
}
