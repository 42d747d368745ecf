/**
 * The harness of the test that runs now, with the verbs in which the conformance tests
 * are told.
 */
import { expect } from 'vitest';
import { isFinished, type RunId, runId } from '../../src/core/model/run.ts';
import type {
  CreateOutcome,
  Engine,
  NewRun,
  Observation,
  ObservedRun,
  StartOutcome,
} from '../../src/ports/engine.ts';
import type { EngineHarness, Work } from './engine-harness.ts';

export const never = new AbortController().signal;
/** How long a start may take effect, by the engine's clock: longer than any test. */
export const DEADLINE_MS = 60_000;

export class EngineWorld {
  readonly #open: () => Promise<EngineHarness>;
  #harness: EngineHarness | null = null;

  constructor(open: () => Promise<EngineHarness>) {
    this.#open = open;
  }

  async begin(): Promise<void> {
    this.#harness = await this.#open();
  }

  async end(): Promise<void> {
    await this.#harness?.dispose();
    this.#harness = null;
  }

  get harness(): EngineHarness {
    if (this.#harness === null) throw new Error('no harness is open');
    return this.#harness;
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  aRun(id: string, work: Work, changes: Partial<NewRun> = {}): NewRun {
    return {
      id: runId(id),
      project: 'shop',
      tenant: 'retail',
      priority: 'normal',
      requests: { runs: 1 },
      content: this.harness.content(work),
      params: {},
      timeoutMs: null,
      ...changes,
    };
  }

  async held(id: string, work: Work, changes: Partial<NewRun> = {}): Promise<RunId> {
    const outcomes = await this.engine.create([this.aRun(id, work, changes)], never);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['created']);
    return present(idOf(outcomes[0]));
  }

  start(id: RunId): Promise<StartOutcome> {
    return this.engine.start(id, { deadlineMs: this.harness.nowMs() + DEADLINE_MS }, never);
  }

  async started(id: RunId): Promise<void> {
    expect(await this.start(id)).toEqual({ kind: 'accepted' });
  }

  async running(id: RunId): Promise<ObservedRun> {
    await this.started(id);
    return this.becomes(id, (run) => run.state === 'running');
  }

  /** Executing in earnest: not only observed running, but its work has begun. */
  async executing(id: RunId): Promise<void> {
    await this.running(id);
    let begun = 0;
    while (begun === 0) {
      await this.becomes(id, (run) => run.state === 'running');
      begun = await this.harness.executions(id);
    }
  }

  ended(id: RunId): Promise<ObservedRun> {
    return this.becomes(id, (run) => isFinished(run.state));
  }

  async becomes(id: RunId, condition: (run: ObservedRun) => boolean): Promise<ObservedRun> {
    const observation = await this.harness.until((seen) => {
      const run = find(seen, id);
      return run !== undefined && condition(run);
    });
    return present(find(observation, id));
  }

  observe(): Promise<Observation> {
    return this.engine.observe({ fresh: true }, never);
  }

  async see(id: RunId): Promise<ObservedRun | undefined> {
    return find(await this.observe(), id);
  }
}

export function find(observation: Observation, id: RunId): ObservedRun | undefined {
  const found = observation.runs.filter((run) => run.id === id);
  expect(found.length, `${id} is listed once at most`).toBeLessThanOrEqual(1);
  return found[0];
}

export function present<T>(there: T | null | undefined): T {
  if (there == null) throw new Error('it is not there');
  return there;
}

/** The id a created run is observed under, which need not be the one asked for. */
export function idOf(outcome: CreateOutcome | undefined): RunId | null {
  return outcome?.kind === 'created' || outcome?.kind === 'exists' ? outcome.id : null;
}
