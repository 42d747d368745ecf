/**
 * Which runs the demo makes, and in which order they stand in the queue.
 *
 * Always true: the plan follows from the numbers in the demo's marker alone, so a demo that
 * was killed and started again means the very same runs and creates none of them twice.
 */

import { RUNS_POOL, runId } from '../../core/model/run.ts';
import { below, randomStream } from '../../core/random/random.ts';
import type { NewRun } from '../../ports/engine.ts';
import type { ExampleProject, Examples } from './examples.ts';

export interface DemoSize {
  readonly seed: number;
  /** Runs to forecast and then to make. */
  readonly runs: number;
  /** Runs of each project beforehand, to have measured durations. */
  readonly perProject: number;
  readonly slots: number;
  readonly timeoutMs: number;
}

export interface DemoPlan {
  /** They fill the slots before the measured ones come: twenty beginning at one instant are slower than usual. */
  readonly first: readonly NewRun[];
  readonly calibration: readonly NewRun[];
  readonly bulk: readonly NewRun[];
}

/** What the pipelines are told about the machine they run on; those that do not ask are not told. */
export interface Surroundings {
  readonly node: string;
  /** File with the depot's address. */
  readonly depotFile: string;
}

export function planDemo(size: DemoSize, examples: Examples, surroundings: Surroundings): DemoPlan {
  const { projects } = examples;
  const rounds = Math.ceil(size.runs / projects.length);
  const bulk = shuffled(Array.from({ length: rounds }, () => projects).flat(), size.seed).slice(0, size.runs);
  const calibration = Array.from({ length: size.perProject }, () => projects).flat();
  const toRun = (prefix: string) => (project: ExampleProject, index: number) =>
    newRun({ id: `${prefix}-${String(index + 1).padStart(3, '0')}`, project, size, examples, surroundings });
  const first = Array.from({ length: size.slots }, (_, i) => projects[i % projects.length] as ExampleProject);
  return {
    // Held at the same instant as the measured ones, they go first by their names.
    first: first.map(toRun('demo-begin')),
    calibration: calibration.map(toRun('demo-calibrate')),
    bulk: bulk.map(toRun('demo')),
  };
}

function newRun(made: {
  readonly id: string;
  readonly project: ExampleProject;
  readonly size: DemoSize;
  readonly examples: Examples;
  readonly surroundings: Surroundings;
}): NewRun {
  const { id, project, examples, surroundings } = made;
  const known: Readonly<Record<string, string>> = {
    source: project.folder,
    tools: examples.toolsFolder,
    node: surroundings.node,
    depot: surroundings.depotFile,
  };
  return {
    id: runId(id),
    project: project.project,
    tenant: project.tenant,
    priority: '',
    requests: { [RUNS_POOL]: 1, ...project.requests },
    content: project.content,
    params: Object.fromEntries(project.parameters.map((name) => [name, known[name] ?? ''])),
    timeoutMs: made.size.timeoutMs,
  };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = randomStream(seed, 'order of the demo runs');
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = below(random, last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
