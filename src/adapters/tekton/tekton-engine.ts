/**
 * The Tekton engine: PipelineRuns of a Kubernetes cluster, held as pending, started by one
 * patch that tests before it removes.
 *
 * Always true: it keeps no state of its own but what the watches brought; while what they
 * show may be stale it throws rather than shows it, so that nothing is decided upon it. A
 * start is sent once, carries a deadline that the API server enforces, and whatever may have
 * taken effect though nobody knows is reported as unknown.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  CancelOptions,
  CancelOutcome,
  CreateOutcome,
  Engine,
  NewRun,
  Observation,
  ObserveOptions,
  RunNote,
  StartOutcome,
  StartRequest,
} from '../../ports/engine.ts';
import type { Figure } from '../../ports/figures.ts';
import type { ApiOutcome, Cluster } from './kubernetes/api.ts';
import { CONTROLLER, pipelineRunPath } from './names.ts';
import type { RunNotes } from './notes/run-notes.ts';
import { cancelRun } from './runs/cancel-run.ts';
import { createRuns } from './runs/create-runs.ts';
import { askedPlace, placeWithoutUid } from './runs/run-ids.ts';
import type { SeenRun } from './runs/seen-run.ts';
import { startOutcome } from './runs/start-answer.ts';
import { startPatch } from './runs/start-patch.ts';
import { ServerClock } from './server-clock.ts';
import type { Sight } from './sight.ts';

export interface TektonEngineParts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly sight: Sight;
  readonly notes: RunNotes;
  /** The identity by which this process leads. */
  readonly identity: string;
  /** What else makes looking again worth it. */
  readonly alsoWatched: readonly { onChange(listener: () => void): () => void }[];
  readonly figures: () => readonly Figure[];
  readonly close: () => Promise<void>;
}

/** Of the time until a start's deadline, so much is kept for the server to write what it took in time. */
const WRITING_MS = 5_000;

export class TektonEngine implements Engine {
  readonly kind = 'tekton';
  readonly can = {
    forget: async (ids: readonly RunId[]): Promise<void> => this.#parts.sight.forget(ids),
    explain: (notes: readonly RunNote[]): void => this.#parts.notes.explain(notes),
    figures: (): readonly Figure[] => this.#parts.figures(),
    namesOf: { asked: askedPlace, observed: placeWithoutUid },
  };
  readonly #parts: TektonEngineParts;
  readonly #serverClock: ServerClock;
  /** The API server asked to be left alone until then. */
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #askingTime: Promise<void> | null = null;

  constructor(parts: TektonEngineParts) {
    this.#parts = parts;
    this.#serverClock = new ServerClock(parts.clock);
  }

  create(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]> {
    return createRuns(this.#parts.cluster, runs, signal);
  }

  observe(options: ObserveOptions, signal: AbortSignal): Promise<Observation> {
    return this.#parts.sight.observe(options, signal);
  }

  async start(id: RunId, request: StartRequest, signal: AbortSignal): Promise<StartOutcome> {
    const { clock, sight, notes } = this.#parts;
    const run = await sight.find(id, signal);
    if (run === null) return { kind: 'refused', why: 'the run is gone' };
    if (!run.isPending || run.wasStarted || run.ending !== null || !sight.isOurs(run)) {
      return { kind: 'refused', why: 'the run is not held' };
    }
    if (clock.nowMs() < this.#restUntilMs) return { kind: 'refused', why: 'the API server asked to wait' };
    const writingMs = Math.min(WRITING_MS, (request.deadlineMs - clock.nowMs()) / 2);
    if (!(writingMs > 0)) return { kind: 'refused', why: 'the deadline has passed' };
    const answer = await this.#sendStart(run, request.deadlineMs - writingMs, writingMs, signal);
    if (answer === null) return { kind: 'refused', why: "the API server's clock is not known" };
    this.#heed(answer);
    if (isOtherwise(answer) && !(await this.#hasSeenWhy(run, signal))) {
      return { kind: 'unknown', why: 'it is not as it was seen, and what it is now could not be seen' };
    }
    const outcome = startOutcome(answer);
    if (outcome.kind === 'accepted') notes.started(run, clock.nowMs() - run.createdAtMs);
    return outcome;
  }

  async #sendStart(
    run: SeenRun,
    acceptBeforeMs: number,
    writingMs: number,
    signal: AbortSignal,
  ): Promise<ApiOutcome | null> {
    const startBeforeMs = await this.#byServersClock(acceptBeforeMs, signal);
    if (startBeforeMs === null) return null;
    return this.#parts.cluster.request({
      method: 'PATCH',
      path: pipelineRunPath(run.namespace, run.name),
      query: { fieldManager: CONTROLLER },
      contentType: 'application/json-patch+json',
      body: startPatch(run, { startBeforeMs, startedBy: this.#parts.identity }),
      timeoutMs: writingMs,
      signal,
    });
  }

  /**
   * A failed test does not say what is otherwise: somebody else may have let the run go. What it
   * frees may be given to others only once a look has shown that.
   */
  async #hasSeenWhy(run: SeenRun, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#parts.sight.observe({ fresh: false, freshOf: [run.id] }, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Asks the server for the time where no answer has told it yet. */
  async #byServersClock(atMs: number, signal: AbortSignal): Promise<number | null> {
    const known = this.#serverClock.fromOurs(atMs);
    if (known !== null) return known;
    // One question for all who start at once, whoever of them is given up meanwhile.
    const asked = { method: 'GET', path: '/version', timeoutMs: WRITING_MS } as const;
    this.#askingTime ??= this.#parts.cluster
      .request({ ...asked, signal: new AbortController().signal })
      .then((answer) => this.#heed(answer))
      .finally(() => {
        this.#askingTime = null;
      });
    await this.#askingTime;
    signal.throwIfAborted();
    return this.#serverClock.fromOurs(atMs);
  }

  #heed(answer: ApiOutcome): void {
    if (answer.kind !== 'ok' && answer.kind !== 'api-status') return;
    this.#serverClock.heard(answer.serverDateMs);
    if (answer.kind === 'api-status' && answer.code === 429) {
      this.#restUntilMs = this.#parts.clock.nowMs() + (answer.retryAfterMs ?? 1_000);
    }
  }

  cancel(
    id: RunId,
    reason: string,
    signal: AbortSignal,
    options: CancelOptions = { onlyHeld: false },
  ): Promise<CancelOutcome> {
    return cancelRun(this.#parts.cluster, { id, reason, ...options }, signal);
  }

  onChange(listener: () => void): () => void {
    const unsubscribers = [this.#parts.sight, ...this.#parts.alsoWatched].map((part) =>
      part.onChange(listener),
    );
    return () => {
      for (const unsubscribe of unsubscribers) unsubscribe();
    };
  }

  close(): Promise<void> {
    return this.#parts.close();
  }
}

function isOtherwise(answer: ApiOutcome): boolean {
  return answer.kind === 'api-status' && (answer.code === 409 || answer.code === 422);
}
