/**
 * Where the demo's runs go on: a Penstock that serves, and what it reports. A batch of runs
 * is put in and watched until history has all of them.
 *
 * Always true: putting a batch in again, after the demo was killed, creates only what is
 * missing; what went on or ended meanwhile is counted as it is.
 */
import type { AdmissionEvent } from '../../app/admission/events.ts';
import type { RunView } from '../../app/views.ts';
import type { Config } from '../../config/config.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import type { NewRun } from '../../ports/engine.ts';
import { type Serving, startServing } from '../serving.ts';
import { liveProgress, type PoolUse } from './progress.ts';
import { REDRAW_MS, type Screen } from './screen.ts';
import { Tally } from './tally.ts';

const PAGE_RUNS = 1_000;
const DRAIN_PACE_MS = 100;

export interface Batch {
  readonly title: string;
  readonly runs: readonly NewRun[];
  /** Until the last of them finishes, counted from their creation; null when nothing was forecast. */
  readonly expectedMs: number | null;
}

export interface StageParts {
  readonly config: Config;
  readonly screen: Screen;
  /** Where the configured port is in use, any free one will do. */
  readonly anyPort: boolean;
}

export class Stage {
  readonly #config: Config;
  readonly #screen: Screen;
  readonly #anyPort: boolean;
  #serving: Serving | null = null;
  #stopped = false;
  #tally: Tally = new Tally([]);

  constructor(parts: StageParts) {
    this.#config = parts.config;
    this.#screen = parts.screen;
    this.#anyPort = parts.anyPort;
  }

  async open(): Promise<void> {
    const who = 'penstock demo';
    const onEvent = (event: AdmissionEvent): void => this.#tally.hear(event);
    try {
      this.#serving = await startServing(this.#config, { who, onEvent });
    } catch (error) {
      if (!this.#anyPort || !(error instanceof CodedError && error.code === 'port-in-use')) throw error;
      const http = this.#config.http === null ? null : { ...this.#config.http, port: 0 };
      this.#serving = await startServing({ ...this.#config, http }, { who, onEvent });
    }
  }

  /** The read-only address; null when there is none. */
  get url(): string | null {
    return this.#serving?.url ?? null;
  }

  /** Puts the runs in and shows how they go on; resolves when history has all of them. */
  async run(batch: Batch): Promise<Tally> {
    const { penstock } = this.#open().composition;
    const tally = new Tally(batch.runs.map((run) => run.id));
    this.#tally = tally;
    const outcomes = await penstock.createRuns(batch.runs, AbortSignal.timeout(60_000));
    const clash = batch.runs[outcomes.findIndex((outcome) => outcome.kind === 'conflict')];
    if (clash !== undefined) {
      throw new CodedError(
        'run-exists',
        `The data folder has a different run ${clash.id}, of another version of the demo; name a new folder with --data.`,
      );
    }
    let createdAtMs = Number.POSITIVE_INFINITY;
    for (const run of await this.#allRuns()) {
      tally.add(run);
      if (tally.has(run.id)) createdAtMs = Math.min(createdAtMs, run.heldSinceMs);
    }
    const draw = (): void => this.#draw(batch, tally, Date.now() - createdAtMs);
    draw();
    // Unreferenced: when the demo is stopped in the middle, the batch is never complete.
    const timer = setInterval(draw, REDRAW_MS).unref();
    await tally.complete.finally(() => clearInterval(timer));
    this.#screen.clear();
    return tally;
  }

  async #allRuns(): Promise<readonly RunView[]> {
    const { penstock } = this.#open().composition;
    const all: RunView[] = [];
    let before: string | null = null;
    do {
      const page = await penstock.runs({ limit: PAGE_RUNS, before }, AbortSignal.timeout(60_000));
      all.push(...page.runs);
      before = page.next;
    } while (before !== null);
    return all;
  }

  #draw(batch: Batch, tally: Tally, elapsedMs: number): void {
    if (this.#stopped) return;
    const { title, expectedMs } = batch;
    const pools = this.#poolUse();
    const slots = pools.find((pool) => pool.name === RUNS_POOL)?.size ?? 0;
    const scarce = pools.filter((pool) => pool.name !== RUNS_POOL);
    const holdUntilMs = this.#open().composition.loop?.health().waitingUntilMs ?? null;
    const progress = {
      title,
      counts: tally.counts(),
      slots,
      pools: scarce,
      elapsedMs,
      expectedMs,
      nothingStartsForMs: holdUntilMs === null ? 0 : Math.max(0, holdUntilMs - Date.now()),
    };
    this.#screen.live(liveProgress(progress), performance.now());
  }

  #poolUse(): readonly PoolUse[] {
    const view = this.#open().composition.loop?.view() ?? null;
    const started = new Set(view?.decision.starts);
    const holders = [
      ...(view?.snapshot.active ?? []),
      ...(view?.snapshot.held ?? []).filter((run) => started.has(run.id)),
    ];
    return this.#config.pools.map(({ name, size }) => ({
      name,
      size,
      used: holders.reduce((units, run) => units + (run.requests[name] ?? 0), 0),
    }));
  }

  #stopDrawing(): void {
    this.#stopped = true;
    this.#screen.clear();
  }

  /** Starts nothing more and waits until nothing runs any more, but no longer than this. */
  async drain(limitMs: number): Promise<number> {
    this.#stopDrawing();
    const { loop, engine } = this.#open().composition;
    await loop?.stop();
    const giveUpAtMs = performance.now() + limitMs;
    for (;;) {
      const { runs } = await engine.observe({ fresh: true }, AbortSignal.timeout(limitMs + 1_000));
      const going = runs.filter((run) => run.state === 'running' || run.state === 'starting').length;
      if (going === 0 || performance.now() >= giveUpAtMs) return going;
      await new Promise((resolve) => setTimeout(resolve, DRAIN_PACE_MS));
    }
  }

  counts(): ReturnType<Tally['counts']> {
    return this.#tally.counts();
  }

  async close(): Promise<void> {
    this.#stopDrawing();
    await this.#serving?.stop();
    this.#serving = null;
  }

  #open(): Serving {
    if (this.#serving === null) throw new Error('the stage is not open');
    return this.#serving;
  }
}
