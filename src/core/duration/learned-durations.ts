/**
 * The duration model in use. It learns from samples one by one, each at the cost of some
 * microseconds, and gives models that never change, so that a forecast that takes a while
 * rests on the same history from start to end.
 *
 * A series' next run is expected by a mixture of experts (experts.ts) on its own past and on
 * its neighbours: other contents of its project, other projects of its content, its tenant,
 * everything. How much each is believed the installation's own past forecasts say, by the
 * number of samples (experience.ts), and then the series' (belief.ts). Failed runs are apart
 * from the others (endings.ts).
 *
 * Always true: learning a list of samples in the order in which they ended, learning them
 * one by one, and going on from a stored state give the same model; memory is bounded.
 */
import type { Estimate } from '../model/run.ts';
import { addExpected, explain, meritAfter } from './belief.ts';
import { hungRather, NO_TALLY, type Tally, tallied } from './endings.ts';
import { Everything, type EverythingState, Y_MAX } from './everything.ts';
import { Experience, type ExperienceState } from './experience.ts';
import { type OwnWeights, PUBLIC_WEIGHTS } from './first-day.ts';
import {
  beliefOf,
  type CellBelief,
  ENDINGS,
  type Ending,
  FAILED,
  hangsOf,
  type Knowledge,
  keysOf,
  type SeriesKeys,
  SUCCEEDED,
} from './knowledge.ts';
import { lastingAfter } from './lasting.ts';
import { LearnedModel } from './learned-model.ts';
import { type DurationModel, type DurationSample, type Series, seriesKey } from './model.ts';
import {
  type Neighbour,
  type Neighbourhood,
  NO_NEIGHBOURS,
  neighbourOf,
  withEach,
  withNewest,
} from './neighbours.ts';
import { NormalMixture } from './normal-mixture.ts';
import { RecentMap } from './recent-map.ts';
import { hungAfterAll, NO_RUNS, type Track, withRun } from './track.ts';

/** Series, and what is kept beside each, of which nothing was heard for longest are forgotten beyond this. */
const KEPT_MAX = 50_000;
/** A run that hit its timeout would have taken longer, but is not believed to have taken more than twice as long. */
const CENSORED_MAX = Math.LN2;

/** Plain data, for the store: JSON keeps it exactly. */
export interface DurationState {
  readonly version: 3;
  readonly samples: number;
  readonly experience: ExperienceState;
  readonly everything: readonly EverythingState[];
  readonly tracks: readonly (readonly [key: string, track: TrackState])[];
  readonly neighbourhoods: readonly (readonly [key: string, neighbours: Neighbourhood])[];
  readonly tallies: readonly (readonly [key: string, tally: Tally])[];
}

interface TrackState {
  readonly values: readonly number[];
  readonly startedAtMs: readonly number[];
  readonly count: number;
  readonly onlyCutOff: boolean;
  readonly merit: readonly number[];
  readonly lasting: readonly number[];
}

export interface LearnedDurationsOptions {
  /** What a run is expected to take while there is no sample at all. */
  readonly first: Estimate;
  /** To go on from. */
  readonly state?: DurationState;
  /** Of the experts on the first day; those learned from public CI histories unless given. */
  readonly ownWeights?: readonly OwnWeights[];
}

export class LearnedDurations {
  readonly #experience: Experience;
  readonly #everything: readonly Everything[];
  readonly #tracks: RecentMap<Track>;
  readonly #neighbourhoods: RecentMap<Neighbourhood>;
  readonly #tallies: RecentMap<Tally>;
  readonly #first: Estimate;
  readonly #keys = new RecentMap<SeriesKeys>(KEPT_MAX);
  /** All of it, as it is at any time. */
  readonly #growing: Knowledge;
  #samples: number;

  constructor({ first, state, ownWeights = PUBLIC_WEIGHTS }: LearnedDurationsOptions) {
    this.#first = first;
    this.#samples = state?.samples ?? 0;
    this.#experience = new Experience(ownWeights, state?.experience);
    this.#everything = ENDINGS.map((ending) => new Everything(first, state?.everything[ending]));
    this.#tracks = new RecentMap(
      KEPT_MAX,
      state?.tracks.map(([key, track]) => [key, trackOf(track)]),
    );
    this.#neighbourhoods = new RecentMap(KEPT_MAX, state?.neighbourhoods);
    this.#tallies = new RecentMap(KEPT_MAX, state?.tallies);
    this.#growing = {
      first,
      tracks: this.#tracks,
      neighbourhoods: this.#neighbourhoods,
      tallies: this.#tallies,
      everything: this.#everything,
      usual: (cell) => this.#experience.weights(cell),
    };
  }

  /**
   * One run has ended. Runs that somebody cancelled are left out: they would have gone on,
   * nobody knows how long. Samples should come in the order in which they ended; the newest
   * is the one that started last.
   */
  record(sample: DurationSample): void {
    const { outcome, startedAtMs } = sample;
    if (outcome === 'cancelled') return;
    const ending = outcome === 'failed' ? FAILED : SUCCEEDED;
    const keys = this.#keysOf(sample);
    const known = beliefOf(this.#growing, keys, ending);
    const measured = Math.min(Y_MAX, Math.log(Math.max(1, sample.durationMs)));
    const censored = outcome === 'timed-out';
    const hung = censored ? this.#hung(keys, known, measured) : 0;
    // What hung says nothing about how long the others take.
    if (hung < 0.5) this.#learnDuration(keys, ending, { known, measured, startedAtMs, censored });
    for (const key of keys.tallies) {
      this.#tallies.set(key, tallied(this.#tallies.get(key) ?? NO_TALLY, ending === FAILED, hung));
    }
    this.#samples += 1;
  }

  /** How likely it is that a run which lasted until its timeout hung. */
  #hung(keys: SeriesKeys, known: CellBelief, measured: number): number {
    // Of a pipeline none of whose runs ended by itself nobody knows that it would take less.
    if (known.belief.track.count === 0) return 0;
    const series = this.#tallies.get(keys.tallies.at(-1) as string) ?? NO_TALLY;
    return hungRather(hangsOf(this.#growing, keys), lasting(known, measured), series);
  }

  #learnDuration(
    keys: SeriesKeys,
    ending: Ending,
    run: {
      readonly known: CellBelief;
      readonly measured: number;
      readonly startedAtMs: number;
      readonly censored: boolean;
    },
  ): void {
    const { known, measured, startedAtMs, censored } = run;
    const y = censored ? longerThan(known, measured) : measured;
    const track = hungAfterAll(known.belief.track, y) ? NO_RUNS : known.belief.track;
    const teaches = !censored && !known.belief.track.onlyCutOff;
    const fit = teaches ? this.#learnAboutExperts(known, y) : track;
    const newest = { y, startedAtMs, isCutOff: censored };
    this.#tracks.set(keys.tracks[ending], withRun(track, newest, fit));
    (this.#everything[ending] as Everything).learn(y, track.count + 1);
    this.#tellNeighbours(keys, ending, { y, startedAtMs });
  }

  #learnAboutExperts({ cell, belief }: CellBelief, y: number): Pick<Track, 'merit' | 'lasting'> {
    const explained = explain(belief, y);
    const fit = { merit: meritAfter(belief, explained), lasting: lastingAfter(belief, explained) };
    this.#experience.learn(cell, belief.weights, explained);
    return fit;
  }

  #keysOf(series: Series): SeriesKeys {
    const name = `${series.tenant}\n${seriesKey(series)}`;
    const known = this.#keys.get(name) ?? keysOf(series);
    this.#keys.set(name, known);
    return known;
  }

  #tellNeighbours(
    keys: SeriesKeys,
    ending: Ending,
    { y, startedAtMs }: { readonly y: number; readonly startedAtMs: number },
  ): void {
    const newest = neighbourOf(keys.tracks[ending], y, startedAtMs);
    const [project, content, tenant] = keys.neighbourhoods[ending] as SeriesKeys['neighbourhoods'][number];
    const tell = (key: string, change: (of: Neighbourhood, by: Neighbour) => Neighbourhood): void => {
      this.#neighbourhoods.set(key, change(this.#neighbourhoods.get(key) ?? NO_NEIGHBOURS, newest));
    };
    tell(project, withEach);
    tell(content, withNewest);
    tell(tenant, withNewest);
  }

  /** A look at what is known now, without the cost of keeping it: not to be used after the next sample. */
  glance(): DurationModel {
    return new LearnedModel(this.#growing, this.#samples);
  }

  /** The model of this moment, for good. */
  model(): DurationModel {
    const weights = this.#experience.frozen();
    const knowledge: Knowledge = {
      first: this.#first,
      tracks: new Map(this.#tracks),
      neighbourhoods: new Map(this.#neighbourhoods),
      tallies: new Map(this.#tallies),
      everything: this.#everything.map((one) => new Everything(this.#first, one.state())),
      usual: (cell) => weights[cell] as Float64Array,
    };
    return new LearnedModel(knowledge, this.#samples);
  }

  state(): DurationState {
    return {
      version: 3,
      samples: this.#samples,
      experience: this.#experience.state(),
      everything: this.#everything.map((one) => one.state()),
      tracks: [...this.#tracks].map(([key, track]) => [key, trackState(track)]),
      neighbourhoods: [...this.#neighbourhoods],
      tallies: [...this.#tallies],
    };
  }
}

/** A model from samples in any order. */
export function learnDurations(samples: readonly DurationSample[], first: Estimate): DurationModel {
  const learned = new LearnedDurations({ first });
  for (const sample of inOrderOfEnd(samples)) learned.record(sample);
  return learned.model();
}

/** The order in which the samples became known, whatever the order of the list. */
export function inOrderOfEnd(samples: readonly DurationSample[]): readonly DurationSample[] {
  return samples.toSorted(
    (a, b) =>
      a.startedAtMs + a.durationMs - b.startedAtMs - b.durationMs ||
      a.startedAtMs - b.startedAtMs ||
      compare(a.project, b.project) ||
      compare(a.contentHash, b.contentHash),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function expected({ belief }: CellBelief): NormalMixture {
  const mixture = new NormalMixture();
  addExpected(belief, 1, mixture);
  return mixture;
}

/** Chance of more than y, by what is believed. */
function lasting(known: CellBelief, y: number): number {
  return 1 - expected(known).below(y);
}

/** The median of what a run takes that takes more than y, by what is believed. */
function longerThan(known: CellBelief, y: number): number {
  const mixture = expected(known);
  const [longer = y] = mixture.quantiles([(1 + mixture.below(y)) / 2]);
  return Math.min(Y_MAX, Math.max(y, Math.min(y + CENSORED_MAX, longer)));
}

function trackOf(state: TrackState): Track {
  const { values, startedAtMs, merit, lasting } = state;
  return {
    ...state,
    values: Float64Array.from(values),
    startedAtMs: Float64Array.from(startedAtMs),
    merit: Float64Array.from(merit),
    lasting: Float64Array.from(lasting),
  };
}

function trackState(track: Track): TrackState {
  const { values, startedAtMs, merit, lasting } = track;
  return {
    ...track,
    values: [...values],
    startedAtMs: [...startedAtMs],
    merit: [...merit],
    lasting: [...lasting],
  };
}
