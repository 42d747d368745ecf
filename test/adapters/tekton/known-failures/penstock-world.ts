/**
 * Penstock over a fake API server with a fake Tekton: the real admission loop, the real engine
 * and capacity of a cluster, the real rules of holding. What goes wrong on the way is ordered
 * from the server's faults; a process can be killed at any step, and another begun.
 *
 * In namespace `shop` runs are held as the webhook holds them; in `plain` nobody holds any.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mortal } from '../../../../sim/mortal.ts';
import { patchBy, ruleFor } from '../../../../src/adapters/tekton/holding/rules.ts';
import { type FakeApiServer, startFakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import type { FakeTask } from '../../../fakes/kubernetes/fake-tekton.ts';
import { FakeTekton } from '../../../fakes/kubernetes/fake-tekton.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../../../fakes/kubernetes/kinds.ts';
import type { FakeObject } from '../../../fakes/kubernetes/objects.ts';
import { jsonPatched } from '../../../fakes/kubernetes/patches.ts';
import { MemoryStore } from '../../../fakes/memory-store.ts';
import { openProcess, type PenstockProcess, type ProcessOptions } from './penstock-process.ts';
import { isDone, isPending, reasonOf, Witness } from './witness.ts';

export const HOLD_LABELS = { 'penstock.dev/hold': 'enabled' };
const PATIENCE_MS = 50_000;
const LOOK_MS = 5;

export interface RunOptions {
  readonly namespace?: string;
  readonly task?: FakeTask;
  readonly platforms?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export class PenstockWorld {
  readonly server: FakeApiServer;
  readonly tekton: FakeTekton;
  readonly witness: Witness;
  /** Outlives processes, as a database file does. */
  readonly store = new MemoryStore();
  readonly #folder: string;
  readonly #platforms = new Map<string, readonly string[]>();
  readonly #processes: PenstockProcess[] = [];

  private constructor(server: FakeApiServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.witness = new Witness(server.store, (name) => this.#platforms.get(name) ?? []);
    this.tekton = new FakeTekton(server);
    server.store.admissions.push((object, _, { plural, operation }) => {
      if (plural === 'pipelineruns' && operation === 'create') hold(server, object);
    });
  }

  static async open(): Promise<PenstockWorld> {
    const server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
    server.store.create('namespaces', { metadata: { name: 'shop', labels: HOLD_LABELS } });
    server.store.create('namespaces', { metadata: { name: 'plain' } });
    server.store.create('namespaces', { metadata: { name: 'multi-platform-controller' } });
    const folder = await mkdtemp(join(tmpdir(), 'penstock-known-'));
    await writeFile(join(folder, 'config'), server.kubeconfig());
    return new PenstockWorld(server, folder);
  }

  /** A process with the data of those before it, or with a store of its own. Begins to work. */
  async begin(options: Partial<ProcessOptions> = {}): Promise<PenstockProcess> {
    const mortal = options.mortal ?? new Mortal(() => {});
    const process = await openProcess({
      kubeconfig: join(this.#folder, 'config'),
      store: this.store,
      pools: { runs: 2 },
      ...options,
      mortal,
    });
    this.#processes.push(process);
    process.loop.start();
    return process;
  }

  /** As kill -9 does: nobody gives its lease back, so that it has to run out. */
  async kill(process: PenstockProcess): Promise<void> {
    this.server.faults.add({
      method: 'PUT',
      path: /leases/,
      fault: { kind: 'ignore', ending: 'reset' },
      times: 20,
    });
    await process.kill();
    this.server.faults.clear();
  }

  /** Returns the run as it is stored. */
  create(name: string, options: RunOptions = {}): FakeObject {
    const { namespace = 'shop', task = 'succeeds', platforms = [], labels, annotations, spec } = options;
    this.#platforms.set(name, platforms);
    const adr = platforms.length === 0 ? {} : { 'prsstarter.example.com/mpc_platforms': platforms.join(',') };
    return this.server.store.create('pipelineruns', {
      apiVersion: 'tekton.dev/v1',
      kind: 'PipelineRun',
      metadata: {
        name,
        namespace,
        ...(labels === undefined ? {} : { labels }),
        annotations: { ...adr, ...annotations },
      },
      spec: { pipelineSpec: { tasks: [{ name: task }] }, ...spec },
    });
  }

  run(name: string, namespace = 'shop'): FakeObject | null {
    return this.server.store.find('pipelineruns', namespace, name);
  }

  /** As somebody else changes it. */
  change(name: string, change: (run: FakeObject) => FakeObject, namespace = 'shop'): void {
    this.server.store.update('pipelineruns', namespace, name, change);
  }

  remove(name: string, namespace = 'shop'): void {
    this.server.store.remove('pipelineruns', namespace, name);
  }

  letEnd(name: string, namespace = 'shop'): void {
    this.tekton.letEnd(this.run(name, namespace)?.metadata.uid ?? '');
  }

  executions(name: string, namespace = 'shop'): number {
    return this.tekton.executions(this.run(name, namespace)?.metadata.uid ?? '');
  }

  isHeld(name: string): boolean {
    const run = this.run(name);
    return run !== null && isPending(run) && !isDone(run);
  }

  isRunning(name: string, namespace = 'shop'): boolean {
    const run = this.run(name, namespace);
    return run !== null && !isPending(run) && !isDone(run) && run.status?.startTime !== undefined;
  }

  reasonOf(name: string, namespace = 'shop'): string | undefined {
    const run = this.run(name, namespace);
    return run === null ? undefined : reasonOf(run);
  }

  succeeded(): number {
    return this.witness.succeeded;
  }

  /** Requests by which somebody asked for a start. */
  startRequests(): readonly { readonly url: string; readonly body: string }[] {
    return this.server.requests.filter(
      ({ method, body }) => method === 'PATCH' && body.includes('"/spec/status"'),
    );
  }

  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (Date.now() > giveUpAtMs)
        throw new Error(`never came true: ${what}; let go: ${this.witness.letGo.join(' ')}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async dispose(): Promise<void> {
    this.server.faults.clear();
    for (const process of this.#processes) await process.end();
    this.tekton.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function hold(server: FakeApiServer, object: FakeObject): void {
  const namespace = server.store.find('namespaces', undefined, object.metadata.namespace ?? '');
  if (namespace?.metadata.labels?.['penstock.dev/hold'] !== 'enabled') return;
  const run = object as Readonly<Record<string, unknown>>;
  const rule = ruleFor(run);
  if (rule !== null) Object.assign(object, jsonPatched(object, patchBy(rule, run)));
}
