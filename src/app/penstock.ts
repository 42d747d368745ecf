/**
 * The questions and orders Penstock takes, over the ports. The API and the command line
 * both stand on this; it works beside a running admission loop, from the loop's last pass,
 * and without one, from a look of its own.
 *
 * Always true: asking starts nothing; an order is followed by what is asked after it (a run
 * that was created is in the next answer, though the loop has not passed since).
 */
import type { Assessment } from '../core/assessment/report.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import type { QueueForecast } from '../core/forecast/types.ts';
import type { RunProfile } from '../core/model/profile.ts';
import type { RunId } from '../core/model/run.ts';
import type { Caller } from '../ports/access.ts';
import type { CancelOutcome, CreateOutcome, LogChunk, NewRun, ObservedRun } from '../ports/engine.ts';
import type { AuditPage, ForecastOutcome, ForecastRecord } from '../ports/store.ts';
import type { Workers } from '../ports/workers.ts';
import { type Sight, seesEverything, sightOf } from './access/rules.ts';
import { boundedWait } from './admission/bounded-wait.ts';
import type { AdmissionHealth, AdmissionView } from './admission/view.ts';
import { type AssessmentRequest, assessPolicy } from './assessments/assess-policy.ts';
import type { ExpectedArrivals } from './forecasting/expected-arrivals.ts';
import { type CalibrationView, KeptForecasts } from './forecasting/kept-forecasts.ts';
import { oneThreadOf } from './forecasting/one-thread.ts';
import { inSteps, sameThread } from './forecasting/same-thread.ts';
import type { StartLatency } from './forecasting/start-latency.ts';
import { controlsAsSeen, controlsView } from './queries/controls-view.ts';
import { RunCreation } from './queries/create-runs.ts';
import { explainView } from './queries/explain.ts';
import { askedForecast, asSeen, SharedForecast } from './queries/forecasts.ts';
import { capOrder, frontOrder, pauseOrder, resumeOrder, unfrontOrder } from './queries/give-orders.ts';
import { type Outlook, outlookOf } from './queries/outlook.ts';
import { lookAround, type Picture, pictureOfPass, projectsIn, type Surroundings } from './queries/picture.ts';
import { poolViews } from './queries/pools.ts';
import { entriesForTheirProjects, queueView, type Scene } from './queries/queue.ts';
import { pageOfRuns, viewOfFinished, viewOfObserved } from './queries/runs.ts';
import { knownZone, type SayWhen, sayWhenIn } from './queries/say-when.ts';
import { untilAborted } from './queries/until-aborted.ts';
import { type ShadowQuery, type ShadowReport, shadowReport } from './shadow/report.ts';
import type {
  ControlsView,
  ExplainView,
  OrderedView,
  Penstock,
  PoolView,
  QueueEntry,
  QueueView,
  RunDetail,
  RunNotices,
  RunsView,
  RunView,
} from './views.ts';

/** What is needed of an admission loop that runs in the same process. */
export interface LoopBeside {
  view(): AdmissionView | null;
  health(): AdmissionHealth;
  wake(): void;
  passed(): Promise<void>;
}

export interface PenstockParts extends Surroundings {
  /** Null where none runs: nothing is started then. */
  readonly loop: LoopBeside | null;
  /** Tenant by project; see `check-new-runs.ts` for those that are not listed. */
  readonly tenantOf: ReadonlyMap<string, string>;
  /** Absent: forecasts are computed on this thread, in steps. */
  readonly workers?: Workers;
  /** Absent: forecasts take for granted that nothing new arrives. */
  readonly arrivals?: ExpectedArrivals;
  /** Absent: one that tells no log. */
  readonly kept?: KeptForecasts;
  /** Absent: that a run begins the moment its slot is free. */
  readonly startLatency?: StartLatency;
  /** Throws a CodedError where a run that is made here would be started by nobody. */
  readonly mayCreate?: () => void;
  /** Of the instants in explanations, as in "Europe/Berlin"; UTC where the machine knows none. */
  readonly timeZone: string | undefined;
}

const REPLICATIONS_MAX = 10_000;
const FORECASTS_PAGE_MAX = 1_000;
const AUDIT_PAGE_MAX = 1_000;
/** How long the answer to an order waits for the loop to go by it; a pass takes milliseconds, or the engine is down. */
const IN_FORCE_WITHIN_MS = 5_000;

interface Found {
  readonly picture: Picture;
  readonly run: RunView;
  readonly profile: RunProfile | null;
}

export function createPenstock(parts: PenstockParts): Penstock & RunNotices {
  return new Queries(parts);
}

class Queries implements Penstock, RunNotices {
  readonly #parts: PenstockParts;
  readonly #creation: RunCreation;
  readonly #shared: SharedForecast;
  readonly #workers: Workers;
  readonly #kept: KeptForecasts;
  readonly #say: SayWhen;
  readonly #pictures = new WeakMap<AdmissionView, Picture>();
  readonly #outlooks = new WeakMap<Picture, Promise<Outlook>>();
  /** A pass that saw less than this has not seen the last order. */
  #revisionAtLeast = Number.NEGATIVE_INFINITY;
  /** A pass that began before the last order of an operator. */
  #outdated: AdmissionView | null = null;

  constructor(parts: PenstockParts) {
    this.#parts = parts;
    this.#creation = new RunCreation(parts, parts.tenantOf);
    this.#workers = parts.workers ?? sameThread(parts.clock);
    this.#kept = parts.kept ?? new KeptForecasts({ ...parts, log: null });
    const background = { ...this.#assumed(), workers: oneThreadOf(this.#workers) };
    this.#shared = new SharedForecast({ clock: parts.clock, ...background });
    this.#say = sayWhenIn(knownZone(parts.timeZone));
  }

  async createRuns(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]> {
    this.#parts.mayCreate?.();
    const outcomes = await this.#creation.create(runs, signal);
    if (outcomes.some((outcome) => outcome.kind === 'created')) await this.#ordered(signal);
    return outcomes;
  }

  async cancelRun(id: RunId, reason: string, signal: AbortSignal): Promise<CancelOutcome> {
    const outcome = await this.#parts.engine.cancel(id, reason, signal);
    if (outcome.kind === 'accepted') await this.#ordered(signal);
    const isInHistory = outcome.kind === 'missing' && (await this.#parts.store.finishedRun(id)) !== null;
    return isInHistory ? { kind: 'finished' } : outcome;
  }

  async run(id: RunId, signal: AbortSignal): Promise<RunDetail | null> {
    const found = await this.#find(id, signal);
    return found && { ...found.run, profile: found.profile };
  }

  async runs(
    query: { readonly limit: number; readonly before: string | null },
    signal: AbortSignal,
    caller?: Caller,
  ): Promise<RunsView> {
    const sight = async (projects: Iterable<string>): Promise<Sight> =>
      caller === undefined ? seesEverything : sightOf(caller, projects, signal);
    return pageOfRuns(await this.#picture(signal), this.#parts.store, { ...query, sight });
  }

  async logs(id: RunId): Promise<readonly LogChunk[]> {
    return (await this.#parts.engine.can.logs?.(id)) ?? [];
  }

  async queue(signal: AbortSignal, caller?: Caller): Promise<QueueView> {
    const picture = await this.#picture(signal);
    const sees = await this.#sight(picture, signal, caller);
    return inSteps(this.#parts.clock, queueView({ ...(await this.#scene(picture)), sees }));
  }

  async waitingRuns(signal: AbortSignal): Promise<readonly QueueEntry[]> {
    const scene = await this.#scene(await this.#picture(signal));
    return inSteps(this.#parts.clock, entriesForTheirProjects(scene));
  }

  async explain(id: RunId, signal: AbortSignal, caller?: Caller): Promise<ExplainView | null> {
    const found = await this.#find(id, signal);
    if (found === null) return null;
    const sees = await this.#sight(found.picture, signal, caller);
    return explainView({ ...(await this.#scene(found.picture)), sees }, found.run);
  }

  async pools(signal: AbortSignal): Promise<readonly PoolView[]> {
    return poolViews((await this.#picture(signal)).snapshot);
  }

  async forecast(
    query: { readonly replications: number; readonly seed: number | null },
    signal: AbortSignal,
    caller?: Caller,
  ): Promise<QueueForecast> {
    const { store, clock } = this.#parts;
    const replications = checkedCount(query.replications, 'replications', REPLICATIONS_MAX);
    const picture = await this.#picture(signal);
    const sees = await this.#sight(picture, signal, caller);
    const { seed } = query;
    const asked = { picture, store, clock, ...this.#assumed(), replications, seed, signal };
    const forecast = await askedForecast(asked);
    return asSeen(forecast, (id) => sees(picture.runs.get(id)?.project ?? null));
  }

  #assumed() {
    const { arrivals = null, startLatency = null } = this.#parts;
    return { workers: this.#workers, arrivals, startLatency, kept: this.#kept };
  }

  async forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]> {
    const limit = checkedCount(query.limit, 'limit', FORECASTS_PAGE_MAX);
    return this.#parts.store.forecasts({ limit });
  }

  async assess(request: AssessmentRequest, signal: AbortSignal): Promise<Assessment> {
    const picture = await this.#picture(signal);
    return assessPolicy({ ...this.#parts, picture, workers: this.#workers }, request, signal);
  }

  forecastCalibration(): Promise<CalibrationView> {
    return this.#kept.calibration();
  }

  async shadowReport(query: ShadowQuery, signal: AbortSignal): Promise<ShadowReport> {
    return shadowReport({ ...this.#parts, picture: await this.#picture(signal) }, query, signal);
  }

  async controls(signal: AbortSignal, caller?: Caller): Promise<ControlsView> {
    const { clock, settings, store, loop } = this.#parts;
    const [picture, orders] = await Promise.all([this.#lastPicture(signal), store.controls()]);
    const sees = await this.#sight(picture, signal, caller);
    const view = controlsView({ nowMs: clock.nowMs(), settings, orders, picture, lastPass: loop?.view() });
    return controlsAsSeen(view, picture, sees);
  }

  pause(order: Parameters<Penstock['pause']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#order((picture) => pauseOrder(this.#parts, picture, order), signal);
  }

  resume(order: Parameters<Penstock['resume']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#order((picture) => resumeOrder(this.#parts, picture, order), signal);
  }

  capTenant(order: Parameters<Penstock['capTenant']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#order((picture) => capOrder(this.#parts, picture, order), signal);
  }

  async #order(give: (picture: Picture) => Promise<boolean>, signal: AbortSignal): Promise<OrderedView> {
    const changed = await give(await this.#lastPicture(signal));
    if (changed) await this.#inForce(signal);
    return { changed, controls: await this.controls(signal) };
  }

  async moveToFront(
    id: RunId,
    { by, undo }: { readonly by: string; readonly undo: boolean },
    signal: AbortSignal,
  ): Promise<ExplainView | null> {
    const found = await this.#find(id, signal);
    if (found === null) return null;
    const around = this.#parts;
    const outlook = await this.#outlook(found.picture);
    const changed = undo ? unfrontOrder(around, id, by) : frontOrder(around, { ...found, outlook }, by);
    if (await changed) await this.#inForce(signal);
    return this.explain(id, signal);
  }

  async audit(query: { readonly limit: number; readonly before: string | null }): Promise<AuditPage> {
    const limit = checkedCount(query.limit, 'limit', AUDIT_PAGE_MAX);
    return this.#parts.store.audit({ limit, before: query.before });
  }

  /** What cannot be in force yet must not make a failure of the order: the next pass goes by it. */
  async #inForce(signal: AbortSignal): Promise<void> {
    const { loop, clock } = this.#parts;
    if (loop === null) return;
    this.#outdated = loop.view();
    try {
      const waited = boundedWait({ clock, limitMs: IN_FORCE_WITHIN_MS, what: 'The loop' }, () =>
        loop.passed(),
      );
      await untilAborted(signal, waited);
    } catch {
      // Whoever asks sees it: `inForce` of what is paused is false.
    }
  }

  async #picture(signal: AbortSignal): Promise<Picture> {
    const view = this.#parts.loop?.view() ?? null;
    if (view === null || view === this.#outdated || view.observation.revision < this.#revisionAtLeast) {
      return this.#look(signal);
    }
    return this.#pictureOf(view);
  }

  /** For orders, which must not depend on an engine that answers: the last pass, however old it is. */
  async #lastPicture(signal: AbortSignal): Promise<Picture> {
    const view = this.#parts.loop?.view() ?? null;
    return view === null ? this.#look(signal) : this.#pictureOf(view);
  }

  #pictureOf(view: AdmissionView): Picture {
    let picture = this.#pictures.get(view);
    if (picture === undefined) {
      picture = pictureOfPass(view, this.#parts.durations.model());
      this.#pictures.set(view, picture);
    }
    return picture;
  }

  #look(signal: AbortSignal): Promise<Picture> {
    return lookAround(this.#parts, { refreshNow: this.#parts.loop === null }, signal);
  }

  async #sight(picture: Picture, signal: AbortSignal, caller?: Caller): Promise<Sight> {
    return caller === undefined ? seesEverything : sightOf(caller, projectsIn(picture), signal);
  }

  async #scene(picture: Picture): Promise<Omit<Scene, 'sees'>> {
    const outlook = await this.#outlook(picture);
    const forecasts = await this.#shared.of(picture, outlook);
    const health = this.#parts.loop?.health() ?? null;
    const { clock, settings } = this.#parts;
    return { nowMs: clock.nowMs(), picture, outlook, forecasts, health, say: this.#say, settings };
  }

  #outlook(picture: Picture): Promise<Outlook> {
    const known = this.#outlooks.get(picture);
    if (known !== undefined) return known;
    const outlook = outlookOf(picture, { ...this.#parts, workers: this.#workers });
    this.#outlooks.set(picture, outlook);
    // A thread may be lost: whoever asks next tries again.
    outlook.catch(() => this.#outlooks.delete(picture));
    return outlook;
  }

  /** A run the last pass did not see and history does not know may be new: then one look more. */
  async #find(id: RunId, signal: AbortSignal): Promise<Found | null> {
    const picture = await this.#picture(signal);
    const seen = picture.runs.get(id);
    if (seen !== undefined && seen.result === null) return foundObserved(seen, picture);
    const finished = await this.#parts.store.finishedRun(id);
    if (finished !== null) {
      return { picture, run: viewOfFinished(finished), profile: finished.profile };
    }
    if (seen !== undefined) return foundObserved(seen, picture);
    if (picture.isFresh) return null;
    const fresh = await this.#look(signal);
    const found = fresh.runs.get(id);
    return found === undefined ? null : foundObserved(found, fresh);
  }

  /** The order was taken; that it cannot be seen yet must not make a failure of it. */
  async #ordered(signal: AbortSignal): Promise<void> {
    const { engine, loop } = this.#parts;
    loop?.wake();
    if (loop === null) return;
    try {
      const { revision } = await untilAborted(signal, engine.observe({ fresh: true }, signal));
      this.#revisionAtLeast = Math.max(this.#revisionAtLeast, revision);
    } catch {
      // The next pass shows it.
    }
  }
}

function checkedCount(count: number, field: string, most: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new CodedError('request-invalid', `${field}: must be a whole number from 1 to ${most}.`, { field });
}

function foundObserved(seen: ObservedRun, picture: Picture): Found {
  return { picture, run: viewOfObserved(seen, picture.starting), profile: seen.result?.profile ?? null };
}
