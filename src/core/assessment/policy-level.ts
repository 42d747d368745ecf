/**
 * What a pipeline takes on a project where it was never or rarely run, from all where it was:
 * a normal hierarchy in ln milliseconds. Projects lie around the policy's level with a spread
 * tau, runs of a project around the project with a spread sigma; tau and sigma take the values
 * of two grids, and given both, level and projects have closed forms (normal with known
 * variances; Gelman et al., "Bayesian Data Analysis", chapter 5). The more projects were seen,
 * the likelier their own levels stand for the others (Bayesian bootstrap) instead of a normal.
 *
 * Failed runs are apart, as they are often short: how often they come is drawn once, and each
 * lies as far from its project as one that was seen.
 *
 * Always true: level, tau and sigma of a replication come from the luck of the content, so
 * all projects never seen err together; with nothing measured and nothing guessed the range is
 * that of all pipelines there are; with one project seen it is wide, and it narrows with the
 * number of projects, not of runs.
 */
import type { DurationSampler, Luck } from '../duration/model.ts';
import type { Estimate, Outcome } from '../model/run.ts';
import { gamma } from '../random/gamma.ts';
import { normal } from '../random/normal.ts';
import { below, type Random } from '../random/random.ts';
import { normalQuantile } from '../stats/normal.ts';

export interface SeenRun {
  readonly project: string;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

export interface LevelPrior {
  readonly first: Estimate;
  /** The first estimate is somebody's guess about this very pipeline. */
  readonly isGuess: boolean;
  /** Runs are of an older content: the level may have moved since. */
  readonly isOlder: boolean;
}

interface SeenProject {
  readonly runs: number;
  /** Of ln milliseconds: the mean, and the squares around it. */
  readonly mean: number;
  readonly squares: number;
}

/** Given tau and sigma, what is known of the level. */
interface Grain {
  readonly tau: number;
  readonly sigma: number;
  readonly mean: number;
  readonly deviation: number;
}

interface Parameters {
  readonly grain: Grain;
  readonly level: number;
  /** Share of runs that fail. */
  readonly failing: number;
  /** Sums of the weights of the projects seen; null where a normal stands for the projects. */
  readonly likeSeen: Float64Array | null;
}

/** Median and standard deviation of ln: tau is a judgement, sigma that of public CI histories. */
const TAU = { median: 0.6, logDeviation: 0.8, values: 12 };
const SIGMA = { median: 0.42, logDeviation: 0.9, values: 10 };
/** Spreads of pipelines that hardly vary, which the grids would not reach. */
const STEADY = [0.02, 0.06];
/** How unrelated pipelines differ, in public CI histories; and what an edit may change. */
const LEVEL_DEVIATION = 1.8;
const EDIT_DEVIATION = 0.35;
/** Of the variance of a guess: what is the level's, the projects' and the runs'. */
const FIRST_SHARES = { level: 0.35, tau: 0.15, sigma: 0.5 };
/** With so many projects seen, their own levels count half. */
const SEEN_WORTH = 8;

export class PolicyLevel {
  readonly #byName: ReadonlyMap<string, SeenProject>;
  readonly #failures: Failures;
  readonly #projects: readonly SeenProject[];
  readonly #grains: readonly Grain[];
  readonly #upTo: Float64Array;
  #marks: readonly [number, number] = [-1, -1];
  #parameters: Parameters | null = null;

  constructor(runs: readonly SeenRun[], prior: LevelPrior) {
    const failed = runs.filter(({ outcome }) => outcome === 'failed');
    const others = runs.filter(({ outcome }) => outcome !== 'failed');
    // Of a pipeline that always fails nobody knows what else it would take.
    this.#byName = seenProjects(others.length > 0 ? others : runs);
    this.#failures = others.length > 0 ? failuresAmong(failed, others, this.#byName) : NO_FAILURES;
    this.#projects = [...this.#byName.values()];
    const onlyGuessed = this.#projects.length === 0 && prior.isGuess;
    const weighed = onlyGuessed ? [firstGrain(prior)] : grains(this.#projects, prior);
    this.#grains = weighed.map(({ grain }) => grain);
    const most = Math.max(...weighed.map(({ logWeight }) => logWeight));
    let sum = 0;
    this.#upTo = Float64Array.from(weighed, ({ logWeight }) => {
      sum += Math.exp(logWeight - most);
      return sum;
    });
  }

  get projectsSeen(): number {
    return this.#projects.length;
  }

  /** Of a project, seen or not. */
  sampler(luck: Luck, project: string): DurationSampler {
    const parameters = this.#parametersOf(luck.content());
    const { grain, failing } = parameters;
    const centre = this.#centreOf(project, parameters, luck.own);
    const { offsets } = this.#failures;
    return {
      draw: (random) => {
        const isFailed = failing > 0 && random.next() < failing;
        const off = isFailed ? (offsets[below(random, offsets.length)] as number) : 0;
        return Math.exp(centre + off + grain.sigma * normal(random));
      },
    };
  }

  #centreOf(project: string, { grain, level, likeSeen }: Parameters, own: Random): number {
    const seen = this.#byName.get(project);
    if (seen !== undefined) return ofSeen(seen, { grain, level }, own);
    return likeSeen === null ? level + grain.tau * normal(own) : this.#likeSeen(likeSeen, own);
  }

  /** One set for all projects of a replication: found again by the first two numbers of its luck. */
  #parametersOf(random: Random): Parameters {
    const marks = [random.next(), random.next()] as const;
    if (this.#parameters !== null && marks[0] === this.#marks[0] && marks[1] === this.#marks[1])
      return this.#parameters;
    this.#marks = marks;
    const grain = this.#grains[pick(this.#upTo, random)] as Grain;
    const seen = this.#projects.length;
    const isLikeSeen = random.next() < seen / (seen + SEEN_WORTH) && seen >= 2;
    const level = grain.mean + grain.deviation * normal(random);
    const { failed, succeeded, offsets } = this.#failures;
    const fails = offsets.length === 0 ? 0 : gamma(random, failed);
    const failing = offsets.length === 0 ? 0 : fails / (fails + gamma(random, succeeded));
    const likeSeen = isLikeSeen ? this.#bootstrapped(random) : null;
    this.#parameters = { grain, level, failing, likeSeen };
    return this.#parameters;
  }

  /** Rubin, "The Bayesian Bootstrap", Annals of Statistics 9 (1981). */
  #bootstrapped(random: Random): Float64Array {
    let sum = 0;
    return Float64Array.from(this.#projects, () => {
      sum += gamma(random, 1);
      return sum;
    });
  }

  /** The level of one seen project, nearer to the policy's the less is known of it. */
  #likeSeen(upTo: Float64Array, own: Random): number {
    const { grain } = this.#parameters as Parameters;
    const { mean, runs } = this.#projects[pick(upTo, own)] as SeenProject;
    const tau2 = grain.tau ** 2;
    return grain.mean + Math.sqrt(tau2 / (tau2 + grain.sigma ** 2 / runs)) * (mean - grain.mean);
  }
}

/** Between its own runs and the policy's level, nearer to its own the more there are. */
function ofSeen(
  { mean, runs }: SeenProject,
  { grain, level }: Pick<Parameters, 'grain' | 'level'>,
  own: Random,
): number {
  const between = grain.tau ** 2;
  const within = grain.sigma ** 2 / runs;
  const centre = (between * mean + within * level) / (between + within);
  return centre + Math.sqrt((between * within) / (between + within)) * normal(own);
}

interface Failures {
  /** Beta distribution of the share that fails, by Jeffreys' prior. */
  readonly failed: number;
  readonly succeeded: number;
  /** How far from the median of its project each was, in ln milliseconds. */
  readonly offsets: readonly number[];
}

const NO_FAILURES: Failures = { failed: 0.5, succeeded: 0.5, offsets: [] };

function failuresAmong(
  failed: readonly SeenRun[],
  others: readonly SeenRun[],
  projects: ReadonlyMap<string, SeenProject>,
): Failures {
  const all = [...projects.values()];
  const usual = all.reduce((sum, { mean }) => sum + mean, 0) / all.length;
  const offsets = failed.map(
    ({ project, durationMs }) => Math.log(Math.max(1, durationMs)) - (projects.get(project)?.mean ?? usual),
  );
  return { failed: failed.length + 0.5, succeeded: others.length + 0.5, offsets };
}

function seenProjects(runs: readonly SeenRun[]): ReadonlyMap<string, SeenProject> {
  const byProject = new Map<string, number[]>();
  for (const { project, durationMs } of runs) {
    const values = byProject.get(project) ?? [];
    byProject.set(project, values);
    values.push(Math.log(Math.max(1, durationMs)));
  }
  return new Map(
    [...byProject].map(([project, values]) => {
      const mean = values.reduce((sum, y) => sum + y, 0) / values.length;
      const squares = values.reduce((sum, y) => sum + (y - mean) ** 2, 0);
      return [project, { runs: values.length, mean, squares }];
    }),
  );
}

interface Weighed {
  readonly grain: Grain;
  readonly logWeight: number;
}

function firstGrain({ first }: LevelPrior): Weighed {
  const { centre, deviation } = normalOf(first);
  const part = (share: number): number => deviation * Math.sqrt(share);
  const { level, tau, sigma } = FIRST_SHARES;
  const grain = { tau: part(tau), sigma: part(sigma), mean: centre, deviation: part(level) };
  return { grain, logWeight: 0 };
}

function normalOf({ p50Ms, p90Ms }: Estimate): { readonly centre: number; readonly deviation: number } {
  const middle = Math.max(1, p50Ms);
  return {
    centre: Math.log(middle),
    deviation: Math.log(Math.max(middle, p90Ms) / middle) / normalQuantile(0.9),
  };
}

function grains(projects: readonly SeenProject[], prior: LevelPrior): readonly Weighed[] {
  const sigmas = [...STEADY, ...gridOf(SIGMA)];
  return [...STEADY, ...gridOf(TAU)].flatMap((tau) =>
    sigmas.map((sigma) => weighed(projects, prior, { tau, sigma })),
  );
}

/** Equally likely values of a log-normal. */
function gridOf({ median, logDeviation, values }: typeof TAU): readonly number[] {
  return Array.from(
    { length: values },
    (_, place) => median * Math.exp(logDeviation * normalQuantile((place + 0.5) / values)),
  );
}

function weighed(
  projects: readonly SeenProject[],
  { first, isGuess, isOlder }: LevelPrior,
  { tau, sigma }: { readonly tau: number; readonly sigma: number },
): Weighed {
  const { centre, deviation } = normalOf(first);
  const priorVariance = isGuess ? Math.max(0.01, FIRST_SHARES.level * deviation ** 2) : LEVEL_DEVIATION ** 2;
  let precision = 1 / priorVariance;
  let weightedSum = centre / priorVariance;
  let squares = centre ** 2 / priorVariance;
  let logWeight = -Math.log(priorVariance) / 2;
  for (const { runs, mean, squares: within } of projects) {
    const variance = tau * tau + (sigma * sigma) / runs;
    precision += 1 / variance;
    weightedSum += mean / variance;
    squares += mean ** 2 / variance;
    logWeight -= Math.log(variance) / 2 + (runs - 1) * Math.log(sigma) + within / (2 * sigma * sigma);
  }
  const middle = weightedSum / precision;
  logWeight -= Math.log(precision) / 2 + (squares - weightedSum * middle) / 2;
  const edit = isOlder ? EDIT_DEVIATION ** 2 : 0;
  return { grain: { tau, sigma, mean: middle, deviation: Math.sqrt(1 / precision + edit) }, logWeight };
}

function pick(upTo: Float64Array, random: Random): number {
  const limit = random.next() * (upTo[upTo.length - 1] as number);
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((upTo[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
