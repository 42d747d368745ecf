/**
 * One worker thread: keeps the input of the jobs that are open and answers what it is asked,
 * one thing after the other. What a kind of job needs is loaded with the first of its kind:
 * an assessment needs megabytes more than a forecast does.
 */
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { assert } from '../../core/assert.ts';
import type { AnyJob, JOBS, JobName } from '../../core/jobs/catalogue.ts';
import type { Answering } from '../../core/jobs/job.ts';
import type { FromThread, ToThread } from './messages.ts';

interface Open {
  readonly name: JobName;
  readonly head: unknown;
  rows: unknown[];
  answer: ((request: unknown) => Answering<unknown>) | null;
}

/** Admission goes first where processors are scarce. On Linux it counts for this thread alone. */
const NICENESS = 5;

/**
 * A job's input and what was made of it are garbage at once when it is closed, and V8 lets that
 * lie until there is more: with 10,000 runs some thirty megabytes for each thread, all day.
 * Not at once, though: it also throws away what the compiler has learned, and the next job
 * would take twice as long.
 */
const IDLE_MS = 5_000;
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as (options: Readonly<Record<string, string>>) => void;
function collectGarbage(): void {
  // Only that flavour also gives the pages back.
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

const port = parentPort;
assert(port !== null, 'this file is the start of a worker thread');
if (process.platform === 'linux') setPriority(0, NICENESS);

const jobs = new Map<number, Open>();
let collecting: NodeJS.Timeout | undefined;

async function loaded(name: JobName): Promise<AnyJob> {
  const job: unknown = await LOADERS[name]();
  return job as AnyJob;
}

const LOADERS = {
  'queue-forecast': async () => (await import('../../core/forecast/queue-job.ts')).queueForecastJob,
  outlook: async () => (await import('../../core/forecast/outlook-job.ts')).outlookJob,
  assessment: async () => (await import('../../core/assessment/assessment-job.ts')).assessmentJob,
} as const satisfies { readonly [Name in JobName]: () => Promise<(typeof JOBS)[Name]> };

async function answerTo(message: Extract<ToThread, { kind: 'ask' }>): Promise<FromThread> {
  try {
    const job = jobs.get(message.job);
    assert(job !== undefined, 'the job is not open');
    if (job.answer === null) {
      job.answer = (await loaded(job.name)).prepare(job.head, job.rows);
      job.rows = [];
    }
    const steps = job.answer(message.request);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return { kind: 'answer', answer: step.value };
    }
  } catch (error) {
    return { kind: 'failure', error };
  }
}

async function take(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'open':
      clearTimeout(collecting);
      jobs.set(message.job, { name: message.name, head: message.head, rows: [], answer: null });
      return;
    case 'rows':
      for (const row of message.rows) jobs.get(message.job)?.rows.push(row);
      return;
    case 'close':
      jobs.delete(message.job);
      clearTimeout(collecting);
      if (jobs.size === 0) collecting = setTimeout(collectGarbage, IDLE_MS);
      return;
    case 'ask':
      port?.postMessage(await answerTo(message));
  }
}

/** In the order in which they came, each once the one before is done. */
let turn: Promise<void> = Promise.resolve();
port.on('message', (message: ToThread) => {
  turn = turn.then(() => take(message));
});
