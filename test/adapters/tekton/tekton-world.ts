/**
 * The Tekton engine on a fake API server with a fake Tekton, in this process.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../../../src/adapters/tekton/kubernetes/open-cluster.ts';
import { budgetedWriter } from '../../../src/adapters/tekton/kubernetes/writer/budgeted-writer.ts';
import { RunNotes } from '../../../src/adapters/tekton/notes/run-notes.ts';
import { Sight } from '../../../src/adapters/tekton/sight.ts';
import { TektonEngine } from '../../../src/adapters/tekton/tekton-engine.ts';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Engine, Observation } from '../../../src/ports/engine.ts';
import type { Log } from '../../../src/ports/log.ts';
import type { EngineHarness, Work } from '../../conformance/engine.ts';
import { type FakeApiServer, startFakeApiServer } from '../../fakes/kubernetes/fake-api-server.ts';
import { FakeTekton } from '../../fakes/kubernetes/fake-tekton.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../../fakes/kubernetes/kinds.ts';

export const never = new AbortController().signal;
const PATIENCE_MS = 20_000;
const LOOK_MS = 10;
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const realClock: Clock = {
  nowMs: () => Date.now(),
  at: (atMs, callback) => {
    const timer = setTimeout(callback, atMs - Date.now());
    return () => clearTimeout(timer);
  },
};

export class TektonWorld implements EngineHarness {
  readonly server: FakeApiServer;
  readonly tekton: FakeTekton;
  /** Instants in a cluster are to the second. */
  readonly shortMs = 2_000;
  readonly #folder: string;
  engine: Engine;

  private constructor(server: FakeApiServer, folder: string, engine: Engine) {
    this.server = server;
    this.#folder = folder;
    this.engine = engine;
    this.tekton = new FakeTekton(server);
  }

  static async open(): Promise<TektonWorld> {
    const server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
    server.store.create('namespaces', { metadata: { name: 'shop' } });
    const folder = await mkdtemp(join(tmpdir(), 'penstock-kubeconfig-'));
    await writeFile(join(folder, 'config'), server.kubeconfig());
    return new TektonWorld(server, folder, await openEngine(folder));
  }

  nowMs(): number {
    return Math.floor(Date.now() / 1000) * 1000;
  }

  content(work: Work): string {
    const steps = [{ name: 'do', image: 'example.invalid/unused:1', script: 'true' }];
    const spec = { tasks: [{ name: work, taskSpec: { steps } }] };
    return JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name: 'p' }, spec });
  }

  invalidContent(): string {
    return 'kind: Deployment';
  }

  async letEnd(id: RunId): Promise<void> {
    this.tekton.letEnd(this.uidOf(id));
  }

  async executions(id: RunId): Promise<number> {
    return this.tekton.executions(this.uidOf(id));
  }

  async passUntil(atMs: number): Promise<void> {
    while (Date.now() < atMs) await new Promise((resolve) => setTimeout(resolve, atMs - Date.now()));
  }

  async until(condition: (observation: Observation) => boolean): Promise<Observation> {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const observation = await this.engine.observe({ fresh: true }, never);
      if (condition(observation)) return observation;
      if (Date.now() > giveUpAtMs) throw new Error(`never came true: ${JSON.stringify(observation.runs)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async createForeign(): Promise<RunId | null> {
    const created = this.server.store.create('pipelineruns', {
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: { name: 'foreign', namespace: 'shop' },
      spec: { status: 'PipelineRunPending', pipelineSpec: { tasks: [{ name: 'succeeds' }] } },
    });
    return runId(`shop/foreign@${(created.metadata.uid ?? '').slice(0, 8)}`);
  }

  async reopen(): Promise<void> {
    this.engine = await openEngine(this.#folder);
  }

  async dispose(): Promise<void> {
    await this.engine.close();
    this.tekton.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  uidOf(id: RunId): string {
    const name = /\/(.+)@/.exec(id)?.[1] ?? id;
    return this.server.store.find('pipelineruns', 'shop', name)?.metadata.uid ?? '';
  }
}

async function openEngine(folder: string): Promise<Engine> {
  const env = { KUBECONFIG: join(folder, 'config') };
  const cluster = await openCluster({ kubeconfig: null, context: null, env, version: 'test' });
  const sight = new Sight({
    cluster,
    log: silent,
    placing: { tenantOf: () => 'retail', defaultPriority: 'normal', nowMs: () => Date.now() },
    runs: { defaultTimeoutMs: null },
    needs: {
      pools: ['linux/arm64', 'licence'],
      unlimited: [],
      annotationPrefix: 'prsstarter.example.com',
      rules: [],
    },
    nowMs: Date.now(),
    writesAs: 'penstock-test',
  });
  const writer = budgetedWriter({ cluster, log: silent, perSecond: 100, burst: 100 });
  const notes = new RunNotes({ writer, clock: realClock, run: (id) => sight.run(id), waitingMax: 100 });
  return new TektonEngine({
    cluster,
    clock: realClock,
    sight,
    notes,
    identity: 'penstock-test',
    figures: () => [],
    alsoWatched: [],
    close: async () => {
      await Promise.all([sight.close(), writer.close()]);
      await cluster.close();
    },
  });
}
