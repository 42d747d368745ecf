/**
 * The duration model of one moment: what was known then, asked series by series. What is
 * found about a series is kept, since admission and forecasts ask again and again.
 */
import { assert } from '../assert.ts';
import type { Estimate } from '../model/run.ts';
import { addExpected } from './belief.ts';
import type { Tally } from './endings.ts';
import { Everything } from './everything.ts';
import { CELLS } from './experience.ts';
import { beliefOf, FAILED, failuresOf, hangsOf, type Knowledge, keysOf, SUCCEEDED } from './knowledge.ts';
import { type DurationModel, type Evidence, type Series, type SeriesDraws, seriesKey } from './model.ts';
import type { Neighbourhood } from './neighbours.ts';
import { NormalMixture } from './normal-mixture.ts';
import { type ModelHead, type ModelRow, type PortableModel, rowOf } from './portable-model.ts';
import { HUNG_MS, type Prospect, ProspectDraws } from './sampler.ts';
import type { Track } from './track.ts';

/** Failures that are rarer move no quantile that anyone asks for. */
const FAILURE_SHARE_MIN = 1e-3;
/** Hangs that are rarer happen in no forecast. */
const HANG_SHARE_MIN = 1e-6;
/** Of the time that hung runs take, in log time. */
const HUNG_DEVIATION = 0.05;

export class LearnedModel implements DurationModel {
  readonly #knowledge: Knowledge;
  readonly #samples: number;
  readonly #prospects = new Map<string, Prospect>();
  readonly #estimates = new Map<string, Estimate>();
  readonly #draws = new Map<string, SeriesDraws>();

  constructor(knowledge: Knowledge, samples: number) {
    this.#knowledge = knowledge;
    this.#samples = samples;
  }

  estimate(series: Series): Estimate {
    return kept(this.#estimates, nameOf(series), () => {
      const [p50Ms = 1, p90Ms = 1] = this.quantiles(series, [0.5, 0.9]).map((ms) =>
        Math.max(1, Math.round(ms)),
      );
      return { p50Ms, p90Ms };
    });
  }

  evidence(series: Series): Evidence {
    const counts = keysOf(series).tracks.map((key) => this.#knowledge.tracks.get(key)?.count ?? 0);
    return { ownSamples: counts.reduce((sum, count) => sum + count, 0), pooledSamples: this.#samples };
  }

  quantiles(series: Series, levels: readonly number[]): readonly number[] {
    const { hangs, failures, succeeding, failing } = this.#prospect(series);
    const mixture = new NormalMixture();
    const hung = hangs === null ? 0 : hangs.hung / (hangs.hung + hangs.ended);
    const share = failing === null ? 0 : failures.failed / (failures.failed + failures.succeeded);
    addExpected(succeeding, (1 - hung) * (1 - share), mixture);
    if (failing !== null) addExpected(failing, (1 - hung) * share, mixture);
    if (hung > 0) mixture.add(hung, Math.log(HUNG_MS), HUNG_DEVIATION);
    return mixture.quantiles(levels).map((y) => Math.exp(y));
  }

  draws(series: Series): SeriesDraws {
    return kept(this.#draws, nameOf(series), () => new ProspectDraws(this.#prospect(series)));
  }

  portable(): PortableModel {
    const knowledge = this.#knowledge;
    return {
      head: {
        samples: this.#samples,
        first: knowledge.first,
        everything: knowledge.everything.map((one) => one.state()),
        weights: Array.from({ length: CELLS }, (_, cell) => knowledge.usual(cell)),
      },
      rowOf: (series) => rowOf(knowledge, series),
    };
  }

  #prospect(series: Series): Prospect {
    return kept(this.#prospects, nameOf(series), () => {
      const keys = keysOf(series);
      const failures = failuresOf(this.#knowledge, keys);
      const hangs = hangsOf(this.#knowledge, keys);
      const happens = hangs.hung > HANG_SHARE_MIN * (hangs.hung + hangs.ended);
      const matters = failures.failed > FAILURE_SHARE_MIN * (failures.failed + failures.succeeded);
      return {
        hangs: happens ? hangs : null,
        failures,
        succeeding: beliefOf(this.#knowledge, keys, SUCCEEDED).belief,
        failing: matters ? beliefOf(this.#knowledge, keys, FAILED).belief : null,
      };
    });
  }
}

/** @throws AssertionError for a model that cannot leave its thread, as those of some tests */
export function portable(model: DurationModel): PortableModel {
  assert(model instanceof LearnedModel, 'this duration model cannot be sent to another thread');
  return model.portable();
}

/** What `portable` took apart: it says the same of the series of the rows, and nothing of others. */
export function modelFrom(head: ModelHead, rows: Iterable<ModelRow>): DurationModel {
  const tracks = new Map<string, Track>();
  const neighbourhoods = new Map<string, Neighbourhood>();
  const tallies = new Map<string, Tally>();
  for (const row of rows) {
    for (const [key, track] of row.tracks) tracks.set(key, track);
    for (const [key, neighbours] of row.neighbourhoods) neighbourhoods.set(key, neighbours);
    for (const [key, tally] of row.tallies) tallies.set(key, tally);
  }
  const everything = head.everything.map((state) => new Everything(head.first, state));
  const usual = (cell: number): Float64Array => head.weights[cell] as Float64Array;
  const knowledge: Knowledge = { first: head.first, tracks, neighbourhoods, tallies, everything, usual };
  return new LearnedModel(knowledge, head.samples);
}

function nameOf(series: Series): string {
  return `${series.tenant}\n${seriesKey(series)}`;
}

function kept<T>(known: Map<string, T>, name: string, make: () => T): T {
  let value = known.get(name);
  if (value === undefined) {
    value = make();
    known.set(name, value);
  }
  return value;
}
