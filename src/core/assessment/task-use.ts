/**
 * How much the tasks of many pipelines use at once, where measured runs say when each of their
 * tasks came and went: most need a machine of a platform for a part of their time only.
 *
 * Always true: each pipeline has the shape of one measured run, its project's newest or else
 * one of the others in turn, stretched to the duration that was drawn for it.
 */
import type { TaskSpan } from '../model/profile.ts';
import { mostWeightAtOnce } from '../stats/overlap.ts';
import type { Measures } from './measures.ts';
import type { AssessmentQuestion, PolicySample } from './question.ts';

/** One value a replication each. */
export interface TaskUse {
  readonly peak: Float64Array;
  /** What is used times how long, summed. */
  readonly weightMs: Float64Array;
  /** When the last pipeline ends, since the window opened. */
  readonly finishMs: Float64Array;
}

/** A task as a part of its run: 0 <= from < to <= 1. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}
type Shape = readonly Piece[];

/** Pieces in all replications: a quarter of a second. */
const PIECES_MAX = 600_000;
const REPLICATIONS_MIN = 20;

/** Those of the samples that know of their tasks. */
export function profiledSamples({ samples }: AssessmentQuestion): readonly PolicySample[] {
  return samples.filter(({ profile, durationMs }) => profile !== null && durationMs > 0);
}

/** @param weightOf what the task uses while it works; 0: nothing. Null where no task uses any. */
export function taskUse(
  question: AssessmentQuestion,
  measures: Measures,
  weightOf: (task: TaskSpan) => number,
): TaskUse | null {
  const shapes = shapesByTarget(question, weightOf);
  const pieces = shapes.reduce((sum, shape) => sum + shape.length, 0);
  if (pieces === 0) return null;
  const affordable = Math.max(REPLICATIONS_MIN, Math.floor(PIECES_MAX / pieces));
  const replications = Math.min(measures.replications, affordable);
  const column = (): Float64Array => new Float64Array(replications);
  const use: TaskUse = { peak: column(), weightMs: column(), finishMs: column() };
  const spans = {
    from: new Float64Array(pieces),
    to: new Float64Array(pieces),
    weight: new Float64Array(pieces),
  };
  for (let replication = 0; replication < replications; replication += 1) {
    const count = spansOf(replication, { shapes, measures, spans });
    const taken = {
      from: spans.from.subarray(0, count),
      to: spans.to.subarray(0, count),
      weight: spans.weight.subarray(0, count),
    };
    use.peak[replication] = mostWeightAtOnce(taken);
    use.weightMs[replication] = taken.weight.reduce(
      (sum, weight, at) => sum + weight * ((taken.to[at] as number) - (taken.from[at] as number)),
      0,
    );
    use.finishMs[replication] = measures.totals.finishMs[replication] as number;
  }
  return use;
}

interface Spans {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly weight: Float64Array;
}

/** Fills in when each task of the replication works; answers how many do. */
function spansOf(
  replication: number,
  {
    shapes,
    measures,
    spans,
  }: { readonly shapes: readonly Shape[]; readonly measures: Measures; readonly spans: Spans },
): number {
  let count = 0;
  for (const [target, shape] of shapes.entries()) {
    const cell = replication * measures.targets + target;
    const startMs = measures.startMs[cell] as number;
    if (Number.isNaN(startMs)) continue;
    const durationMs = measures.durationMs[cell] as number;
    for (const { from, to, weight } of shape) {
      spans.from[count] = startMs + from * durationMs;
      spans.to[count] = startMs + to * durationMs;
      spans.weight[count] = weight;
      count += 1;
    }
  }
  return count;
}

function shapesByTarget(
  question: AssessmentQuestion,
  weightOf: (task: TaskSpan) => number,
): readonly Shape[] {
  const newestFirst = profiledSamples(question).toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  const shapes = newestFirst.map((sample) => shapeOf(sample, weightOf));
  const own = new Map<string, Shape>();
  for (const [place, { project }] of newestFirst.entries()) {
    if (!own.has(project)) own.set(project, shapes[place] as Shape);
  }
  return question.targets.map(
    ({ project }, place) => own.get(project) ?? shapes[place % Math.max(1, shapes.length)] ?? [],
  );
}

function shapeOf({ profile, durationMs }: PolicySample, weightOf: (task: TaskSpan) => number): Shape {
  return (profile?.tasks ?? []).flatMap((task) => {
    const [from, to] = [Math.min(1, task.fromMs / durationMs), Math.min(1, task.toMs / durationMs)];
    const weight = weightOf(task);
    return weight > 0 && to > from ? [{ from, to, weight }] : [];
  });
}
