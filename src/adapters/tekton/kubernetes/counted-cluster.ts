/**
 * A cluster that counts what is asked of it, and nothing more.
 *
 * Always true: every request is counted once, when its outcome is known; there are as many
 * counts as there are verbs and outcomes.
 */
import type { Figure } from '../../../ports/figures.ts';
import type { ApiOutcome, ApiRequest, Cluster, StreamOutcome, StreamRequest } from './api.ts';

export class CountedCluster implements Cluster {
  readonly #cluster: Cluster;
  readonly #counts = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get server(): string {
    return this.#cluster.server;
  }

  get namespace(): string {
    return this.#cluster.namespace;
  }

  async request(request: ApiRequest): Promise<ApiOutcome> {
    const outcome = await this.#cluster.request(request);
    this.#count(request.method, outcome);
    return outcome;
  }

  async stream(request: StreamRequest): Promise<StreamOutcome> {
    const outcome = await this.#cluster.stream(request);
    this.#count(request.query?.watch === undefined ? 'LIST' : 'WATCH', outcome);
    return outcome;
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }

  figures(): readonly Figure[] {
    return [...this.#counts].map(([key, value]) => {
      const [verb = '', outcome = ''] = key.split(' ');
      return { name: 'penstock_api_requests_total', labels: { verb, outcome }, value };
    });
  }

  #count(verb: string, outcome: ApiOutcome | StreamOutcome): void {
    const key = `${verb} ${wordFor(outcome)}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

function wordFor(outcome: ApiOutcome | StreamOutcome): string {
  if (outcome.kind === 'ok' || outcome.kind === 'streaming') return 'ok';
  if (outcome.kind !== 'api-status') return outcome.kind;
  if (outcome.code === 429) return 'overloaded';
  return outcome.code >= 500 ? 'failed' : 'refused';
}
