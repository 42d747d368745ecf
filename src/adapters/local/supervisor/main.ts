/**
 * The supervisor of one run: a small process of its own that outlives Penstock. It takes
 * the run if it is in time, executes the plan, ends every process of the run, and writes
 * the outcome before anything says that the run has finished.
 *
 * It starts for every run, twenty at once on a small machine, so it imports nothing it
 * does not need.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endCarriers, pause } from '../end-processes.ts';
import type { Plan, TaskPlan } from '../plan.ts';
import { birthOf } from '../process-table.ts';
import { moved, readIfThere, writeOnce } from '../state/files.ts';
import { finishedMarker, runFolder, runningMarker, startingMarker } from '../state/layout.ts';
import type { CancelRecord, OutcomeRecord, SupervisorOrder, SupervisorRecord } from '../state/records.ts';
import { RunContext } from './context.ts';
import { type PipelineEnd, runPipeline } from './pipeline.ts';
import { Scope } from './stop.ts';
import { UsageMeter } from './usage-meter.ts';

/** A full disk may get room again: tries once a second for ten minutes to write the outcome. */
const OUTCOME_TRIES = 600;
const OUTCOME_PAUSE_MS = 1_000;
/** Of tasks; more than history keeps. */
const TIMES_MAX = 1_000;

async function main(order: SupervisorOrder): Promise<void> {
  const run = new Scope();
  const folder = runFolder(order.folder, order.id);
  process.on('SIGTERM', () => run.stop({ kind: 'cancelled', reason: cancelReason(folder) }));
  const startedAtMs = take(order, folder);
  if (startedAtMs === null) return;
  // A request to cancel is written before it is signalled: one of the two is always seen.
  if (readIfThere(join(folder, 'cancel.json')) !== null) {
    run.stop({ kind: 'cancelled', reason: cancelReason(folder) });
  }
  const outcome = await execute(order, run, startedAtMs);
  for (let tries = 1; !written(order, outcome); tries += 1) {
    if (tries === OUTCOME_TRIES) return;
    await pause(OUTCOME_PAUSE_MS);
  }
  moved(runningMarker(order.folder, order.id, order.token), finishedMarker(order.folder, order.id));
}

/** Whether the run is ours: only in time, and only if nobody else moved it on. Null if not. */
function take(order: SupervisorOrder, folder: string): number | null {
  const birth = birthOf(process.pid);
  const startedAtMs = Date.now();
  if (birth === null || startedAtMs >= order.deadlineMs) return null;
  const record: SupervisorRecord = { pid: process.pid, birth, startedAtMs };
  writeOnce(join(folder, `supervisor.${order.token}.json`), JSON.stringify(record), 'through-kill');
  const taken = moved(
    startingMarker(order.folder, order),
    runningMarker(order.folder, order.id, order.token),
  );
  return taken ? startedAtMs : null;
}

function cancelReason(folder: string): string {
  const text = readIfThere(join(folder, 'cancel.json'));
  return text === null ? 'its supervisor was asked to end' : (JSON.parse(text) as CancelRecord).reason;
}

async function execute(order: SupervisorOrder, run: Scope, startedAtMs: number): Promise<OutcomeRecord> {
  let end: PipelineEnd;
  let meter: UsageMeter | null = null;
  let context: RunContext | null = null;
  try {
    const plan = readPlan(order);
    prepareFolders(order, plan);
    meter = new UsageMeter();
    context = new RunContext(order, plan, { meter, startedAtMs });
    end = await runPipeline(context, plan, run);
  } catch (error) {
    end = { kind: 'failed', reason: `its supervisor failed: ${oneLine(error)}` };
  }
  const left = await endCarriers(order.token, end.kind === 'stopped' ? order.graceMs : 0);
  return {
    ...inWords(end, left),
    usage: meter?.usage() ?? null,
    tasks: context?.times.slice(0, TIMES_MAX) ?? [],
    startedAtMs,
    finishedAtMs: Date.now(),
  };
}

function readPlan(order: SupervisorOrder): Plan {
  const lines = readFileSync(join(runFolder(order.folder, order.id), 'run.jsonl'), 'utf8').split('\n');
  return JSON.parse(lines[1] ?? '') as Plan;
}

function prepareFolders(order: SupervisorOrder, plan: Plan): void {
  const folder = runFolder(order.folder, order.id);
  for (const name of ['logs', 'work', 'scripts', 'output', 'results']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const tasks: readonly TaskPlan[] = [...plan.tasks, ...plan.finally];
  const fifos = tasks.flatMap((task) =>
    task.steps.map((step) => join(folder, 'output', `${task.name}.${step.name}`)),
  );
  const made = spawnSync('mkfifo', fifos, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (made.status !== 0) throw made.error ?? new Error(made.stderr.toString());
}

function inWords(end: PipelineEnd, left: number): Pick<OutcomeRecord, 'outcome' | 'reason'> {
  const rest = left === 0 ? '' : `; ${left} of its processes could not be ended`;
  if (end.kind === 'succeeded') return { outcome: 'succeeded', reason: rest === '' ? null : rest.slice(2) };
  if (end.kind === 'failed') return { outcome: 'failed', reason: end.reason + rest };
  if (end.cause.kind === 'cancelled') return { outcome: 'cancelled', reason: end.cause.reason + rest };
  return { outcome: 'timed-out', reason: `${end.cause.what} passed${rest}` };
}

function written(order: SupervisorOrder, outcome: OutcomeRecord): boolean {
  const folder = runFolder(order.folder, order.id);
  try {
    writeOnce(join(folder, 'outcome.json'), JSON.stringify(outcome), 'through-power-cut');
    for (const name of ['output', 'scripts', `order.${order.token}.json`])
      rmSync(join(folder, name), { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

await main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SupervisorOrder);
