/**
 * Workers on threads of this process (node:worker_threads). Threads begin when there is work
 * for them and stay; each is asked one thing at a time, whoever asked first goes first.
 *
 * Always true: input goes over in small messages with room for others in between, once to
 * each thread that takes part; a thread that ends rejects what it was asked, and the next
 * request gets a new one; idle threads keep no process alive.
 */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { AnswerOf, HeadOf, JobName, RequestOf, RowOf } from '../../core/jobs/catalogue.ts';
import type { JobInput } from '../../core/jobs/job.ts';
import { JobClosed, type OpenJob, WorkerLost, type Workers } from '../../ports/workers.ts';
import type { FromThread, ToThread } from './messages.ts';

/** Made and copied for one message: some rows cost a hundred times what others do. */
const ROWS_PER_MESSAGE = 200;
const MESSAGE_MS = 2;

/** The sources run as they are in a clone, compiled in a package. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url);

/** @param options.heapMb most memory of each thread besides what is shared; Node.js decides unless given */
export function workerThreads(parallelism: number, options: { readonly heapMb?: number } = {}): Workers {
  return new WorkerThreads(parallelism, options.heapMb);
}

interface Asked {
  readonly job: ThreadedJob;
  readonly request: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class WorkerThreads implements Workers {
  readonly parallelism: number;
  readonly #heapMb: number | undefined;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Asked[] = [];
  #jobs = 0;
  #closed = false;

  constructor(parallelism: number, heapMb: number | undefined) {
    this.parallelism = parallelism;
    this.#heapMb = heapMb;
  }

  open<N extends JobName>(name: N, input: JobInput<HeadOf<N>, RowOf<N>>): OpenJob<N> {
    this.#jobs += 1;
    const job = new ThreadedJob(this.#jobs, name, input);
    return {
      ask: (request: RequestOf<N>) =>
        new Promise<unknown>((resolve, reject) => {
          this.#waiting.push({ job, request, resolve, reject });
          this.#dispatch();
        }) as Promise<AnswerOf<N>>,
      close: () => {
        job.isClosed = true;
        for (const thread of this.#threads) thread.abandon(job);
        this.#dispatch();
      },
    };
  }

  #dispatch(): void {
    for (let at = 0; at < this.#waiting.length; ) {
      const asked = this.#waiting[at] as Asked;
      if (asked.job.isClosed || this.#closed) {
        this.#waiting.splice(at, 1);
        asked.reject(new JobClosed());
        continue;
      }
      const thread = this.#idleThread(asked.job);
      if (thread === null) return;
      this.#waiting.splice(at, 1);
      void thread.serve(asked).then(() => this.#dispatch());
      at = 0;
    }
  }

  /** One that has the job's input already, if there is one. */
  #idleThread(job: ThreadedJob): Thread | null {
    const idle = [...this.#threads].filter((thread) => !thread.isBusy);
    const found = idle.find((thread) => thread.has(job)) ?? idle[0];
    if (found !== undefined) return found;
    if (this.#threads.size >= this.parallelism) return null;
    const thread = new Thread(this.#heapMb, (lost) => {
      this.#threads.delete(lost);
      this.#dispatch();
    });
    this.#threads.add(thread);
    return thread;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dispatch();
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }
}

class ThreadedJob {
  readonly id: number;
  readonly name: JobName;
  readonly input: JobInput<unknown, unknown>;
  isClosed = false;

  constructor(id: number, name: JobName, input: JobInput<unknown, unknown>) {
    this.id = id;
    this.name = name;
    this.input = input;
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #inputs = new Set<number>();
  #asked: Asked | null = null;
  #answered: (() => void) | null = null;
  #isLost = false;

  constructor(heapMb: number | undefined, onLost: (thread: Thread) => void) {
    const resourceLimits = heapMb === undefined ? {} : { maxOldGenerationSizeMb: heapMb };
    this.#worker = new Worker(ENTRY, { resourceLimits });
    this.#worker.unref();
    let why = 'it ended';
    this.#worker.on('message', (message: FromThread) => this.#settle(message));
    this.#worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('exit', () => {
      this.#isLost = true;
      this.#settle({ kind: 'failure', error: new WorkerLost(`A worker thread was lost: ${why}`) });
      onLost(this);
    });
  }

  get isBusy(): boolean {
    return this.#asked !== null;
  }

  has({ id }: ThreadedJob): boolean {
    return this.#inputs.has(id);
  }

  /** Resolves when the thread is free again, whatever came of the request. */
  serve(asked: Asked): Promise<void> {
    this.#asked = asked;
    // Somebody waits for it.
    this.#worker.ref();
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#send(asked).catch((error: unknown) => this.#settle({ kind: 'failure', error }));
    });
  }

  async #send({ job, request }: Asked): Promise<void> {
    if (!this.#inputs.has(job.id)) {
      this.#post({ kind: 'open', job: job.id, name: job.name, head: job.input.head });
      let rows: unknown[] = [];
      let beganAtMs = performance.now();
      for (const row of job.input.rows) {
        rows.push(row);
        if (rows.length < ROWS_PER_MESSAGE && performance.now() - beganAtMs < MESSAGE_MS) continue;
        this.#post({ kind: 'rows', job: job.id, rows });
        rows = [];
        await afterOthers();
        if (job.isClosed) break;
        beganAtMs = performance.now();
      }
      if (job.isClosed) {
        this.#post({ kind: 'close', job: job.id });
        throw new JobClosed();
      }
      this.#post({ kind: 'rows', job: job.id, rows });
      this.#inputs.add(job.id);
    }
    this.#post({ kind: 'ask', job: job.id, request });
  }

  #post(message: ToThread): void {
    if (!this.#isLost) this.#worker.postMessage(message);
  }

  #settle(message: FromThread): void {
    const asked = this.#asked;
    if (asked === null) return;
    this.#asked = null;
    this.#worker.unref();
    if (asked.job.isClosed) this.#forget(asked.job);
    else if (message.kind === 'answer') asked.resolve(message.answer);
    else asked.reject(message.error);
    this.#answered?.();
  }

  /** Nobody waits for the job any more; an answer under way is thrown away when it comes. */
  abandon(job: ThreadedJob): void {
    if (this.#asked?.job === job) this.#asked.reject(new JobClosed());
    else this.#forget(job);
  }

  #forget({ id }: ThreadedJob): void {
    if (this.#inputs.delete(id)) this.#post({ kind: 'close', job: id });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
