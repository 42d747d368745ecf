/**
 * Reads a history of runs: GitLab's pipelines or jobs as its API gives them, Penstock's own
 * export, or a table with `project` (or `workflow`) and `duration_s`; as CSV, JSON or JSON
 * lines. The fields of the first row tell which it is; others are ignored.
 *
 * Always true: bounded; a row that can be no sample is left out and counted by reason, the
 * first ones named by line; the same run counts once.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { linesOf } from '../table/lines.ts';
import { type LeftOut, leftOutText } from '../table/rows.ts';
import { rowsOf } from './entries.ts';
import { type Entry, isNoSample } from './entry.ts';
import { type Job, jobOf, pipelineOfJobs } from './gitlab-jobs.ts';
import { withNamedProjects } from './named-projects.ts';
import { PROJECT_COLUMNS } from './project-field.ts';
import { penstockSample, pipelineSample, type ReadSample, tableSample } from './rows.ts';
import type { History, HistoryFormat, HistorySample, LeftOutReason, NotASample } from './sample.ts';

/** Bounds memory: some 500 MB of jobs. */
const ROWS_MAX = 1_000_000;
/** A list of pipelines may come as one line. */
const LINE_MAX = 64 * 1_048_576;
const NAMED_MAX = 5;
/** Clocks of servers differ by less. */
const AHEAD_MAX_MS = 10 * 60_000;
/** Some exports count whole seconds and call anything shorter 0. */
const ZERO_MS = 1_000;

export interface HistoryOptions {
  /** How messages name the file. */
  readonly label: string;
  /** What started later is left out. */
  readonly nowMs: number;
}

/** @throws CodedError when it cannot be read, or no row of it can be used */
export function readHistoryOf(path: string, nowMs: number): Promise<History> {
  return readHistory(linesOf(path, LINE_MAX), { label: path, nowMs });
}

/** The same from lines that are here already. @throws CodedError */
export async function readHistory(
  lines: AsyncIterable<string> | Iterable<string>,
  options: HistoryOptions,
): Promise<History> {
  const reader = new HistoryReader(options);
  for await (const row of rowsOf(lines, options.label)) {
    if ('wrong' in row) reader.leaveOut({ because: 'malformed', column: '', reason: row.wrong }, row.line);
    else reader.take(row.entry, row.line);
  }
  return reader.result();
}

class HistoryReader {
  readonly #options: HistoryOptions;
  readonly #samples = new Map<string, HistorySample>();
  readonly #jobs = new Map<string, { readonly line: number; readonly jobs: Job[] }>();
  readonly #byReason: Partial<Record<LeftOutReason, number>> = {};
  readonly #first: LeftOut[] = [];
  #format: HistoryFormat | null = null;
  #rows = 0;
  #zeros = 0;
  #leftOut = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  take(entry: Entry, line: number): void {
    this.#count(line);
    this.#format ??= this.#formatOf(entry);
    if (this.#format === 'gitlab-jobs') this.#takeJob(entry, line);
    else this.#keep(SAMPLE_READERS[this.#format](entry), line);
  }

  #count(line: number): void {
    this.#rows += 1;
    if (this.#rows <= ROWS_MAX) return;
    throw this.#invalid(`line ${line}: more than ${ROWS_MAX} rows; give a shorter time.`);
  }

  #formatOf(entry: Entry): HistoryFormat {
    if (entry.has('durationMs')) return 'penstock';
    if (entry.has('duration_s')) {
      if (PROJECT_COLUMNS.some((name) => entry.has(name))) return 'table';
      throw this.#invalid(`there is no column "project" (or ${PROJECT_COLUMNS.slice(1).join(', ')}).`);
    }
    if (entry.has('stage') || entry.has('pipeline') || entry.has('pipeline_id')) return 'gitlab-jobs';
    if (entry.has('duration') || (entry.has('started_at') && entry.has('finished_at')))
      return 'gitlab-pipelines';
    const hint = entry.has('updated_at')
      ? " GitLab's lists of pipelines have no durations: ask for each pipeline, or export their jobs."
      : '';
    throw this.#invalid(
      `no column is a duration: needed are "project" and "duration_s", or what GitLab's API says of pipelines or jobs.${hint}`,
    );
  }

  #takeJob(entry: Entry, line: number): void {
    const job = jobOf(entry);
    if (isNoSample(job)) {
      this.leaveOut(job, line);
      return;
    }
    const known = this.#jobs.get(job.pipeline) ?? { line, jobs: [] };
    this.#jobs.set(job.pipeline, known);
    if (known.jobs.some(({ id }) => id === job.id && id > 0)) this.leaveOut(duplicate('id', job.id), line);
    else known.jobs.push(job);
  }

  #keep(read: HistorySample | NotASample, line: number): void {
    if (isNoSample(read)) {
      this.leaveOut(read, line);
      return;
    }
    const { nowMs } = this.#options;
    if (read.startedAtMs !== null && read.startedAtMs > nowMs + AHEAD_MAX_MS) {
      this.leaveOut({ because: 'in-future', column: 'started_at', reason: 'is in the future' }, line);
      return;
    }
    if (this.#samples.has(read.key)) {
      this.leaveOut(duplicate('id', read.key), line);
      return;
    }
    const isZero = read.durationMs === 0;
    if (isZero) this.#zeros += 1;
    const durationMs = isZero ? ZERO_MS : Math.max(1, Math.round(read.durationMs));
    this.#samples.set(read.key, { ...read, durationMs });
  }

  leaveOut({ because, column, reason }: NotASample, line: number): void {
    this.#leftOut += 1;
    this.#byReason[because] = (this.#byReason[because] ?? 0) + 1;
    if (this.#first.length < NAMED_MAX) this.#first.push({ line, column, reason });
  }

  result(): History {
    for (const { line, jobs } of this.#jobs.values()) this.#keep(pipelineOfJobs(jobs), line);
    const [first] = this.#first;
    if (this.#format === null || this.#samples.size === 0) {
      const why = first === undefined ? '' : `; ${leftOutText(first)}`;
      throw this.#invalid(this.#rows + this.#leftOut === 0 ? 'it has no rows.' : `no row can be used${why}.`);
    }
    return {
      format: this.#format,
      samples: withNamedProjects(inOrder([...this.#samples.values()])),
      rows: this.#rows,
      zeros: this.#zeros,
      leftOut: { rows: this.#leftOut, byReason: this.#byReason, first: this.#first },
    };
  }

  #invalid(what: string): CodedError {
    return new CodedError('table-invalid', `${this.#options.label}: ${what}`, { field: 'history' });
  }
}

const SAMPLE_READERS: Readonly<Record<Exclude<HistoryFormat, 'gitlab-jobs'>, ReadSample>> = {
  'gitlab-pipelines': pipelineSample,
  penstock: penstockSample,
  table: tableSample,
};

function duplicate(column: string, id: string | number): NotASample {
  return { because: 'duplicate', column, reason: `${id} was there before` };
}

/** Only where all say when they were is there an order but that of the file. */
function inOrder(samples: readonly HistorySample[]): readonly HistorySample[] {
  if (samples.some(({ startedAtMs }) => startedAtMs === null)) return samples;
  return samples.toSorted((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0));
}
