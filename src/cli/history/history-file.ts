/**
 * Reads a table of measured durations: CSV with a header that has the columns `workflow`,
 * `seq` and `duration_s` in any order, others ignored. Rows that cannot be a duration are
 * left out and counted; the first ones are named by line and column. Rows may come in any
 * order: a workflow's runs are those of ascending `seq`.
 */
import type { WorkflowHistory } from '../../core/backtest/histories.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { linesOf } from '../../documents/table/lines.ts';
import { fieldsOf, type LeftOut, leftOutText, numberOf, shown } from '../../documents/table/rows.ts';

const COLUMNS = ['workflow', 'seq', 'duration_s'] as const;
/** Bounds memory; a year of an installation that ends two runs a minute. */
const ROWS_MAX = 1_000_000;
/** A hundred years. */
const DURATION_S_MAX = 3_155_760_000;
const SEQ_MAX = Number.MAX_SAFE_INTEGER;
/** Files in whole seconds call anything shorter 0. */
const ZERO_S = 1;
const NAMED_MAX = 5;
const WORKFLOW_LENGTH_MAX = 500;

type Wrong = Omit<LeftOut, 'line'>;

export interface HistoryFile {
  readonly histories: readonly WorkflowHistory[];
  readonly runs: number;
  /** Rows of duration 0, counted as one second. */
  readonly zeros: number;
  readonly leftOut: { readonly rows: number; readonly first: readonly LeftOut[] };
}

export async function readHistoryFile(path: string): Promise<HistoryFile> {
  const reader = new HistoryReader(path);
  for await (const line of linesOf(path)) reader.take(line);
  return reader.result();
}

interface Run {
  readonly seq: number;
  readonly durationMs: number;
}

class HistoryReader {
  readonly #path: string;
  readonly #workflows = new Map<string, Map<number, Run>>();
  readonly #first: LeftOut[] = [];
  #columns: readonly number[] | null = null;
  #fields = 0;
  #line = 0;
  #runs = 0;
  #zeros = 0;
  #leftOut = 0;

  constructor(path: string) {
    this.#path = path;
  }

  take(text: string): void {
    this.#line += 1;
    if (text.trim() === '') return;
    const fields = fieldsOf(text);
    if (this.#columns === null) {
      this.#columns = this.#header(fields);
      this.#fields = fields.length;
      return;
    }
    if (this.#runs + this.#leftOut >= ROWS_MAX) {
      throw this.#invalid(
        `line ${this.#line}: more than ${ROWS_MAX} rows; give fewer workflows or a shorter time.`,
      );
    }
    const wrong =
      fields.length === this.#fields
        ? this.#row(fields)
        : { column: '', reason: `has ${fields.length} fields, the header ${this.#fields}` };
    if (wrong !== null) this.#leaveOut(wrong);
  }

  #header(fields: readonly string[]): readonly number[] {
    return COLUMNS.map((name) => {
      const at = fields.findIndex((field) => field.trim() === name);
      if (at < 0)
        throw this.#invalid(
          `line ${this.#line}: there is no column "${name}"; needed are ${COLUMNS.join(', ')}.`,
        );
      return at;
    });
  }

  /** Takes the row, or says what is wrong with it. */
  #row(fields: readonly string[]): Wrong | null {
    const texts = (this.#columns ?? []).map((at) => (fields[at] ?? '').trim());
    const [workflow = '', seqText = '', durationText = ''] = texts;
    const seq = numberOf(seqText);
    const seconds = numberOf(durationText);
    const wrong = wrongWorkflow(workflow) ?? wrongSeq(seqText, seq) ?? wrongDuration(durationText, seconds);
    if (wrong !== null) return wrong;
    const runs = this.#workflows.get(workflow) ?? new Map<number, Run>();
    if (runs.has(seq)) return { column: 'seq', reason: `${seq} of ${shown(workflow)} was there before` };
    this.#workflows.set(workflow, runs);
    runs.set(seq, { seq, durationMs: Math.max(1, (seconds === 0 ? ZERO_S : seconds) * 1_000) });
    this.#runs += 1;
    if (seconds === 0) this.#zeros += 1;
    return null;
  }

  #leaveOut(wrong: Wrong): void {
    this.#leftOut += 1;
    if (this.#first.length < NAMED_MAX) this.#first.push({ line: this.#line, ...wrong });
  }

  result(): HistoryFile {
    if (this.#columns === null)
      throw this.#invalid(`it is empty; needed is a header with ${COLUMNS.join(', ')}.`);
    if (this.#runs === 0)
      throw this.#invalid(
        `no row can be used${this.#first[0] === undefined ? '' : `; ${leftOutText(this.#first[0])}`}.`,
      );
    return {
      histories: [...this.#workflows].map(([workflow, runs]) => ({
        workflow,
        runs: [...runs.values()].sort((a, b) => a.seq - b.seq),
      })),
      runs: this.#runs,
      zeros: this.#zeros,
      leftOut: { rows: this.#leftOut, first: this.#first },
    };
  }

  #invalid(what: string): CodedError {
    return new CodedError('table-invalid', `${this.#path}: ${what}`, { field: 'file' });
  }
}

function wrongWorkflow(workflow: string): Wrong | null {
  if (workflow === '') return { column: 'workflow', reason: 'is empty' };
  if (workflow.length <= WORKFLOW_LENGTH_MAX) return null;
  return { column: 'workflow', reason: `is longer than ${WORKFLOW_LENGTH_MAX} characters` };
}

function wrongSeq(text: string, seq: number): Wrong | null {
  if (Number.isInteger(seq) && seq >= 0 && seq <= SEQ_MAX) return null;
  return { column: 'seq', reason: `"${shown(text)}" is not a whole number from 0 on` };
}

function wrongDuration(text: string, seconds: number): Wrong | null {
  const column = 'duration_s';
  if (Number.isNaN(seconds)) return { column, reason: `"${shown(text)}" is not a number` };
  if (seconds < 0) return { column, reason: `${shown(text)} is below 0` };
  return seconds <= DURATION_S_MAX ? null : { column, reason: `${shown(text)} is more than a hundred years` };
}
