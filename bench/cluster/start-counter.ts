/**
 * Counts starts as the API server tells of them, by a watch of its own that parses nothing: it
 * shares the machine with what it measures.
 */
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { START_BEFORE } from '../../src/adapters/tekton/names.ts';
import type { ApiClient } from '../../test/cluster/client/api-client.ts';
import type { Access } from '../../test/cluster/client/kubeconfig.ts';
import { PIPELINE_RUNS, pathOf } from '../../test/cluster/client/resources.ts';

export class StartCounter {
  /** When each start was first heard of, in their order. */
  readonly atMs: number[] = [];
  readonly #names = new Set<string>();
  readonly #abort = new AbortController();

  /** Of runs that are there already: what comes from now on. */
  static async open(admin: ApiClient, namespace: string): Promise<StartCounter> {
    const counter = new StartCounter();
    const { body } = await admin.raw({
      method: 'GET',
      path: pathOf(PIPELINE_RUNS, { namespace, query: { limit: '1' } }),
    });
    const { metadata } = body as { readonly metadata: { readonly resourceVersion: string } };
    await counter.#hear(admin.access, namespace, metadata.resourceVersion);
    return counter;
  }

  /** A busy server ends watches that fall behind; the next one tells everything once more. */
  async #hear(access: Access, namespace: string, version: string): Promise<void> {
    const answer = await watch(access, namespace, version, this.#abort.signal);
    if (answer.statusCode !== 200) throw new Error(`the watch that counts starts: ${answer.statusCode}`);
    let rest = '';
    answer.on('error', () => undefined);
    answer.on('close', () => {
      if (!this.#abort.signal.aborted) void this.#hear(access, namespace, version);
    });
    answer.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.includes(START_BEFORE)) this.#saw(line);
    });
  }

  /** Starts in a second, from the first to the last. */
  perSecond(): number {
    const first = this.atMs[0] ?? Number.NaN;
    const last = this.atMs.at(-1) ?? Number.NaN;
    return ((this.atMs.length - 1) * 1000) / (last - first);
  }

  close(): void {
    this.#abort.abort();
  }

  #saw(line: string): void {
    const name = /"name":"(bench-\d+)"/.exec(line)?.[1];
    if (name === undefined || this.#names.has(name)) return;
    this.#names.add(name);
    this.atMs.push(performance.now());
  }
}

function watch(
  access: Access,
  namespace: string,
  version: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { credentials, ca } = access;
  const path = pathOf(PIPELINE_RUNS, { namespace, query: { watch: '1', resourceVersion: version } });
  const options = {
    signal,
    ...(ca === null ? {} : { ca }),
    ...(credentials.kind === 'certificate' ? { cert: credentials.cert, key: credentials.key } : {}),
    headers: credentials.kind === 'token' ? { authorization: `Bearer ${credentials.token}` } : {},
  };
  return new Promise((resolve, reject) => {
    get(new URL(path, access.server), options, resolve).on('error', reject);
  });
}
