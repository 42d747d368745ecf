/**
 * Reads the history of a queue: CSV with the columns submit_s, start_s, end_s and, where
 * there are any, procs, user and queue; or SWF, which begins with `;` or has 18 numbers a
 * line. Rows that cannot be replayed are left out and counted, the first named by line and
 * column.
 *
 * Always true: read piece by piece, and bounded.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { RUNS_POOL, runId } from '../../core/model/run.ts';
import type { PastRun } from '../../core/replay/past-run.ts';
import { linesOf } from '../../documents/table/lines.ts';
import { fieldsOf, type LeftOut, leftOutText } from '../../documents/table/rows.ts';
import {
  csvRows,
  NEEDED_COLUMNS,
  type QueueRow,
  type ReadRow,
  SWF_FIELDS,
  swfRow,
  type Wrong,
} from './queue-columns.ts';

/** Bounds memory: some 300 MB. */
const ROWS_MAX = 500_000;
const NAMED_MAX = 5;

export interface QueueFile {
  readonly format: 'csv' | 'swf';
  readonly runs: readonly PastRun[];
  readonly leftOut: { readonly rows: number; readonly first: readonly LeftOut[] };
}

export interface QueueFileOptions {
  /** Rows that ask for more are left out: they would never start. */
  readonly slots: number;
  /** All users are one tenant: between them nothing is shared out. */
  readonly oneTenant: boolean;
}

export async function readQueueFile(path: string, options: QueueFileOptions): Promise<QueueFile> {
  const reader = new QueueReader(path, options);
  for await (const line of linesOf(path)) reader.take(line);
  return reader.result();
}

class QueueReader {
  readonly #path: string;
  readonly #options: QueueFileOptions;
  readonly #runs: PastRun[] = [];
  readonly #first: LeftOut[] = [];
  #format: QueueFile['format'] | null = null;
  #read: ReadRow = swfRow;
  #fields = SWF_FIELDS;
  #line = 0;
  #leftOut = 0;

  constructor(path: string, options: QueueFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  take(text: string): void {
    this.#line += 1;
    if (text.trim() === '') return;
    if (text.startsWith(';')) {
      this.#format ??= 'swf';
      return;
    }
    if (this.#format === null && this.#begins(text)) return;
    if (this.#runs.length + this.#leftOut >= ROWS_MAX) {
      throw this.#invalid(`line ${this.#line}: more than ${ROWS_MAX} rows; give a shorter time.`);
    }
    const fields = this.#format === 'swf' ? text.trim().split(/\s+/) : fieldsOf(text);
    const wrong =
      fields.length === this.#fields
        ? this.#keep(this.#read(fields))
        : { column: '', reason: `has ${fields.length} fields, not ${this.#fields}` };
    if (wrong === null) return;
    this.#leftOut += 1;
    if (this.#first.length < NAMED_MAX) this.#first.push({ line: this.#line, ...wrong });
  }

  /** The first line says which format it is; true when it was a header. */
  #begins(text: string): boolean {
    const numbers = text.trim().split(/\s+/);
    if (numbers.length === SWF_FIELDS && !text.includes(',')) {
      this.#format = 'swf';
      return false;
    }
    const header = fieldsOf(text);
    const read = csvRows(header);
    if (typeof read !== 'function') {
      const needed = NEEDED_COLUMNS.join(', ');
      throw this.#invalid(
        `line ${this.#line}: there is no column "${read.missing}"; needed are ${needed} (or SWF with ${SWF_FIELDS} fields).`,
      );
    }
    this.#format = 'csv';
    this.#read = read;
    this.#fields = header.length;
    return true;
  }

  /** Takes the row, or says what is wrong with it. */
  #keep(row: QueueRow | Wrong): Wrong | null {
    if ('reason' in row) return row;
    if (row.startS < row.submitS) return { column: 'start_s', reason: 'is before submit_s' };
    if (row.endS < row.startS) return { column: 'end_s', reason: 'is before start_s' };
    if (row.procs > this.#options.slots) {
      return { column: 'procs', reason: `${row.procs} is more than the ${this.#options.slots} slots` };
    }
    this.#runs.push(this.#runOf(row));
    return null;
  }

  #runOf({ submitS, startS, endS, procs, user, queue, limitS, outcome }: QueueRow): PastRun {
    const startedAtMs = Math.round(1_000 * startS);
    return {
      // In the order of the file, where the moments are equal.
      id: runId(`line-${String(this.#line).padStart(7, '0')}`),
      project: user,
      tenant: this.#options.oneTenant ? 'all' : user,
      // What is alike: jobs of one user in one queue that ask for the same.
      contentHash: `${queue} ${procs}`,
      priority: 'normal',
      requests: { [RUNS_POOL]: procs },
      timeoutMs: limitS === null ? null : Math.round(1_000 * limitS),
      heldSinceMs: Math.round(1_000 * submitS),
      startedAtMs,
      finishedAtMs: Math.max(startedAtMs + 1, Math.round(1_000 * endS)),
      outcome,
    };
  }

  result(): QueueFile {
    if (this.#format === null) throw this.#invalid('it is empty.');
    const [first] = this.#first;
    if (this.#runs.length === 0) {
      throw this.#invalid(`no row can be used${first === undefined ? '' : `; ${leftOutText(first)}`}.`);
    }
    return { format: this.#format, runs: this.#runs, leftOut: { rows: this.#leftOut, first: this.#first } };
  }

  #invalid(what: string): CodedError {
    return new CodedError('table-invalid', `${this.#path}: ${what}`, { field: 'file' });
  }
}
