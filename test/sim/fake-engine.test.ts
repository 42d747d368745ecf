/** The simulated engine keeps the promises every engine makes; else the simulator would prove nothing. */
import { EngineClient, perfectNetwork } from '../../sim/engine-client.ts';
import { EngineState, type Work } from '../../sim/engine-state.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';
import { type RunId, runId } from '../../src/core/model/run.ts';
import type { Engine, NewRun, Observation } from '../../src/ports/engine.ts';
import { type Work as AskedWork, type EngineHarness, engineConformance } from '../conformance/engine.ts';

const START_MS = 1_700_000_000_000;
const SHORT_MS = 2_000;

class SimulatedHarness implements EngineHarness {
  readonly shortMs = SHORT_MS;
  readonly #scheduler = new Scheduler(START_MS);
  readonly #toEnd = new Set<RunId>();
  readonly #state: EngineState = new EngineState(
    this.#scheduler,
    { startTookEffect: () => {}, finished: () => {}, changed: () => this.#changed() },
    { blindStarts: false },
  );
  #client = this.#connect();

  get engine(): Engine {
    return this.#client;
  }

  nowMs(): number {
    return this.#scheduler.nowMs();
  }

  content(work: AskedWork): string {
    return work;
  }

  invalidContent(): string {
    return 'nonsense';
  }

  async letEnd(id: RunId): Promise<void> {
    this.#toEnd.add(id);
    this.#state.letEnd(id);
  }

  async executions(id: RunId): Promise<number> {
    return this.#state.run(id)?.executions ?? 0;
  }

  async passUntil(atMs: number): Promise<void> {
    this.#scheduler.at(atMs, () => {});
    while (this.#scheduler.nowMs() < atMs) this.#scheduler.step();
  }

  async until(condition: (observation: Observation) => boolean): Promise<Observation> {
    for (;;) {
      const seen = await this.#client.observe({ fresh: true });
      if (condition(seen)) return seen;
      if (!this.#scheduler.step()) throw new Error('nothing is planned any more');
    }
  }

  async createForeign(): Promise<RunId> {
    const id = runId('foreign');
    const requests = { runs: 1 };
    const created = { id, project: 'shop', tenant: 'retail', priority: 'normal', requests };
    this.#state.create({ ...created, content: 'waits', params: {}, timeoutMs: null }, false, work('waits'));
    return id;
  }

  async reopen(): Promise<void> {
    this.#client = this.#connect();
  }

  async dispose(): Promise<void> {}

  #connect(): EngineClient {
    return new EngineClient({
      state: this.#state,
      scheduler: this.#scheduler,
      network: perfectNetwork,
      witness: { sent: () => {}, landed: () => {} },
      workOf: (run: NewRun) => work(run.content),
    });
  }

  #changed(): void {
    for (const id of this.#toEnd) this.#state.letEnd(id);
    this.#client?.changed();
  }
}

function work(content: string): Work {
  const usual = { startLatencyMs: 300, durationMs: 500, failsToStart: false };
  if (content === 'succeeds') return { ...usual, outcome: 'succeeded' };
  if (content === 'fails') return { ...usual, outcome: 'failed' };
  if (content === 'waits') return { ...usual, durationMs: Number.POSITIVE_INFINITY, outcome: 'succeeded' };
  throw new CodedError('pipeline-invalid', 'content: must be succeeds, fails or waits.');
}

engineConformance('simulated', async () => new SimulatedHarness());
