/**
 * Control of the cluster's processes, for tests that take a part of it away and give it
 * back: only of a cluster that `npm run cluster:up` started on this machine.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf, readStat } from '../../../src/adapters/local/process-table.ts';
import type { ApiClient } from '../client/api-client.ts';
import { LOOPBACK } from '../processes/context.ts';
import { type Layout, layoutOf } from '../processes/layout.ts';
import { end, isAlive, launch, type ProcessRecord } from '../processes/process.ts';
import { scrapeTargetsIn } from '../processes/prometheus.ts';
import { type ClusterState, readState, writeState } from '../processes/state.ts';
import { controllerReady, webhookReady } from '../processes/tekton.ts';
import { until } from '../processes/until.ts';

const API_READY_MS = 60_000;
const PAGE_BYTES = 4096;

export interface EtcdFigures {
  /** Grows by one with each write anywhere in the cluster. */
  readonly revision: number;
  readonly databaseBytes: number;
  readonly databaseInUseBytes: number;
}

export class Rig {
  readonly #layout: Layout;
  readonly #admin: ApiClient;

  constructor(slot: number, admin: ApiClient) {
    this.#layout = layoutOf(slot);
    this.#admin = admin;
  }

  get state(): ClusterState {
    const state = readState(this.#layout);
    if (state === null) throw new Error(`cluster ${this.#layout.slot} is gone`);
    return state;
  }

  /** Null when the cluster runs without Prometheus. */
  get prometheusUrl(): string | null {
    return this.#find('prometheus') === null ? null : `http://${LOOPBACK}:${this.state.ports.prometheus}`;
  }

  get tektonMetricsUrl(): string {
    return `http://${LOOPBACK}:${this.state.ports['tekton-controller-metrics']}/metrics`;
  }

  get etcdUrl(): string {
    return `http://${LOOPBACK}:${this.state.ports.etcd}`;
  }

  /** Ends a server with SIGKILL and returns when it is gone. */
  async kill(name: string): Promise<void> {
    await end(this.#process(name), 'hard');
  }

  /** Starts a server again that was killed, and returns when it answers. */
  async start(name: string): Promise<void> {
    const ended = this.#process(name);
    if (isAlive(ended)) return;
    const { state } = this;
    const started = launch(ended);
    const processes = state.processes.map((process) => (process.name === name ? started : process));
    writeState(this.#layout, { ...state, processes });
    await this.#answers(started);
  }

  async restart(name: string): Promise<void> {
    await this.kill(name);
    await this.start(name);
  }

  /** Starts again whatever is not running: for after a test that failed half way. */
  async revive(): Promise<void> {
    for (const { name } of this.state.processes) await this.start(name);
  }

  isRunning(name: string): boolean {
    const process = this.#find(name);
    return process !== null && isAlive(process);
  }

  /** Resident memory by name of the process; what has ended is left out. */
  residentBytes(): ReadonlyMap<string, number> {
    const living = this.state.processes.filter(({ pid, birth }) => birthOf(pid) === birth);
    return new Map(living.map(({ name, pid }) => [name, (readStat(pid)?.residentPages ?? 0) * PAGE_BYTES]));
  }

  /** Lets Prometheus scrape one more address, such as a test's own exporter, from its next scrape on. */
  addScrapeTarget(name: string, address: string): void {
    const file = join(scrapeTargetsIn(this.state.folder), `${name}.json`);
    writeFileSync(`${file}.new`, JSON.stringify([{ targets: [address] }]));
    renameSync(`${file}.new`, file);
  }

  removeScrapeTarget(name: string): void {
    rmSync(join(scrapeTargetsIn(this.state.folder), `${name}.json`), { force: true });
  }

  async etcd(): Promise<EtcdFigures> {
    const answer = await fetch(`${this.etcdUrl}/v3/maintenance/status`, { method: 'POST', body: '{}' });
    const { header, dbSize, dbSizeInUse } = (await answer.json()) as {
      readonly header: { readonly revision: string };
      readonly dbSize: string;
      readonly dbSizeInUse: string;
    };
    return {
      revision: Number(header.revision),
      databaseBytes: Number(dbSize),
      databaseInUseBytes: Number(dbSizeInUse),
    };
  }

  async #answers(process: ProcessRecord): Promise<void> {
    if (process.name === 'kube-apiserver') {
      await until({ what: 'the API server again', withinMs: API_READY_MS, of: [process] }, async () =>
        (await this.#admin.raw({ method: 'GET', path: '/readyz' })).status === 200 ? true : null,
      );
    }
    if (process.name === 'tekton-controller') await controllerReady(this.tektonMetricsUrl, process);
    if (process.name === 'tekton-webhook') await webhookReady(this.#admin, process);
  }

  #process(name: string): ProcessRecord {
    const found = this.#find(name);
    if (found !== null) return found;
    const names = this.state.processes.map((process) => process.name).join(', ');
    throw new Error(`this cluster has no process "${name}"; it has ${names}`);
  }

  #find(name: string): ProcessRecord | null {
    return this.state.processes.find((process) => process.name === name) ?? null;
  }
}
