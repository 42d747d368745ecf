/**
 * Brings a cluster up: each server as soon as what it needs answers. Does nothing when it
 * runs already. What was started is written down at once, so that `down` ends it also when
 * bringing it up failed half way, or was killed.
 */
import { rmSync } from 'node:fs';
import { builtBinaries } from '../binaries/build.ts';
import { ApiClient } from '../client/api-client.ts';
import { SERVICE_ACCOUNTS } from '../client/resources.ts';
import { makeCertificates } from './certificates.ts';
import { apiServerUrl, type Context, LOOPBACK } from './context.ts';
import { etcd, kubeApiserver, kubeControllerManager, kubeconfigOf, kubeScheduler } from './control-plane.ts';
import { endAll } from './down.ts';
import { insistOnFreePorts } from './free-ports.ts';
import { addNodes, kwok, nodesReady } from './kwok.ts';
import type { Layout } from './layout.ts';
import { launch, type ProcessPlan, type ProcessRecord } from './process.ts';
import { prometheus, prometheusAnswers, prometheusProgram } from './prometheus.ts';
import { alone, type ClusterState, missingProcesses, readState, type Tier, writeState } from './state.ts';
import { controllerReady, installTekton, tektonController, tektonWebhook, webhookReady } from './tekton.ts';
import { until } from './until.ts';

const API_READY_MS = 90_000;

export interface UpOptions {
  readonly layout: Layout;
  readonly tier: Tier;
  readonly say: (line: string) => void;
}

export interface Up {
  readonly state: ClusterState;
  readonly wasRunning: boolean;
}

export function up(options: UpOptions): Promise<Up> {
  return alone(options.layout, async () => {
    const running = readState(options.layout);
    if (running !== null && runsWell(running, options)) return { state: running, wasRunning: true };
    const binaries = await builtBinaries(options.say);
    await insistOnFreePorts(options.layout);
    rmSync(options.layout.folder, { recursive: true, force: true });
    const beginning = new Beginning(options, binaries);
    try {
      return { state: await beginning.begin(), wasRunning: false };
    } catch (error) {
      await endAll(options.layout, 'keep the logs');
      throw error;
    }
  });
}

function runsWell(state: ClusterState, { tier, layout }: UpOptions): boolean {
  const missing = missingProcesses(state);
  if (missing.length === state.processes.length) return false;
  const remedy = 'run `npm run cluster:down` first';
  if (!state.ready) throw new Error(`Cluster ${layout.slot} was not brought up whole; ${remedy}`);
  if (missing.length > 0)
    throw new Error(`Of cluster ${layout.slot}, ${missing.join(', ')} ended; ${remedy}`);
  if (state.tier < tier)
    throw new Error(`Cluster ${layout.slot} runs with tier ${state.tier} only; ${remedy}`);
  return true;
}

class Beginning {
  readonly #options: UpOptions;
  readonly #context: Context;
  #state: ClusterState;

  constructor(options: UpOptions, binaries: Context['binaries']) {
    const { layout, tier } = options;
    this.#options = options;
    this.#context = { layout, binaries, certificates: makeCertificates(layout.folder) };
    this.#state = {
      version: 1,
      slot: layout.slot,
      tier,
      folder: layout.folder,
      ports: layout.ports,
      kubeconfig: kubeconfigOf(this.#context, 'admin'),
      ready: false,
      startedAt: new Date().toISOString(),
      processes: [],
    };
  }

  async begin(): Promise<ClusterState> {
    const { tier } = this.#options;
    const client = ApiClient.of(this.#state.kubeconfig);
    try {
      await this.#step('control plane', () => this.#controlPlane(client));
      await this.#step('Tekton', () => this.#tekton(client));
      if (tier === 3) await this.#step('nodes', () => this.#nodes(client));
      if (tier === 3) await this.#step('Prometheus', () => this.#prometheus());
    } finally {
      client.close();
    }
    this.#write({ ...this.#state, ready: true });
    return this.#state;
  }

  async #controlPlane(client: ApiClient): Promise<void> {
    const { layout } = this.#context;
    const servers = [this.#launch(etcd(this.#context)), this.#launch(kubeApiserver(this.#context))];
    await until(
      { what: `the API server at ${apiServerUrl(layout)}`, withinMs: API_READY_MS, of: servers },
      async () => ((await client.raw({ method: 'GET', path: '/readyz' })).status === 200 ? true : null),
    );
    if (this.#options.tier < 3) return;
    const more = [
      this.#launch(kubeControllerManager(this.#context)),
      this.#launch(kubeScheduler(this.#context)),
    ];
    await until({ what: 'the default service account', withinMs: API_READY_MS, of: more }, () =>
      client.find(SERVICE_ACCOUNTS, { namespace: 'default', name: 'default' }),
    );
  }

  async #tekton(client: ApiClient): Promise<void> {
    const { tier, layout } = this.#options;
    await installTekton(this.#context, client, tier);
    if (tier === 1) return;
    const webhook = this.#launch(await tektonWebhook(this.#context, client));
    if (tier < 3) return webhookReady(client, webhook);
    const controller = this.#launch(await tektonController(this.#context, client));
    const metricsUrl = `http://${LOOPBACK}:${layout.ports['tekton-controller-metrics']}/metrics`;
    await Promise.all([webhookReady(client, webhook), controllerReady(metricsUrl, controller)]);
  }

  async #nodes(client: ApiClient): Promise<void> {
    await addNodes(client);
    await nodesReady(client, this.#launch(kwok(this.#context)));
  }

  async #prometheus(): Promise<void> {
    const program = prometheusProgram();
    if (program === null) {
      this.#options.say('  without Prometheus: the program is not there; `npm run test:all` installs it');
      return;
    }
    await prometheusAnswers(this.#context, this.#launch(prometheus(this.#context, program)));
  }

  #launch(plan: ProcessPlan): ProcessRecord {
    const record = launch(plan);
    this.#write({ ...this.#state, processes: [...this.#state.processes, record] });
    return record;
  }

  #write(state: ClusterState): void {
    this.#state = state;
    writeState(this.#options.layout, state);
  }

  async #step(name: string, action: () => Promise<void>): Promise<void> {
    const beganMs = Date.now();
    await action();
    this.#options.say(`  ${name}: ${((Date.now() - beganMs) / 1000).toFixed(1)} s`);
  }
}
