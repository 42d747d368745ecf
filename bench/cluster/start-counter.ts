/**
 * Counts starts as the API server tells of them, by a watch of its own that parses nothing: it
 * shares the machine with what it measures.
 */
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { START_BEFORE } from '../../src/adapters/tekton/names.ts';
import type { Access } from '../../test/cluster/client/kubeconfig.ts';
import { PIPELINE_RUNS, pathOf } from '../../test/cluster/client/resources.ts';

export class StartCounter {
  /** When each start was first heard of, in their order. */
  readonly atMs: number[] = [];
  #isOpen = true;
  readonly #names = new Set<string>();
  readonly #abort = new AbortController();

  static async open(access: Access, namespace: string): Promise<StartCounter> {
    const counter = new StartCounter();
    const answer = await watch(access, namespace, counter.#abort.signal);
    let rest = '';
    if (answer.statusCode !== 200) throw new Error(`the watch that counts starts: ${answer.statusCode}`);
    answer.on('error', () => undefined);
    answer.on('close', () => {
      counter.#isOpen = false;
    });
    answer.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.includes(START_BEFORE)) counter.#saw(line);
    });
    return counter;
  }

  /** Starts in a second, from the first to the last. */
  perSecond(): number {
    const first = this.atMs[0] ?? Number.NaN;
    const last = this.atMs.at(-1) ?? Number.NaN;
    return ((this.atMs.length - 1) * 1000) / (last - first);
  }

  /** Whether it still hears of starts. */
  get isOpen(): boolean {
    return this.#isOpen;
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

function watch(access: Access, namespace: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { credentials, ca } = access;
  const path = pathOf(PIPELINE_RUNS, { namespace, query: { watch: '1' } });
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
