/**
 * Writes forecasts so that anyone can score them: CSV with the columns of `HEADER`, one row a
 * run; `id` is `workflow:seq`, `n_history` the number of earlier runs, the rest seconds.
 */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ForecastRun } from '../../core/backtest/walk.ts';
import { CodedError } from '../../core/errors/catalogue.ts';

const HEADER = 'id,n_history,actual_s,q05,q10,q25,q50,q75,q90,q95';

export class PredictionsFile {
  readonly #path: string;
  readonly #stream: WriteStream;
  /** Rejects when writing fails; looked at whenever something is written. */
  readonly #end: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(path);
    this.#end = finished(this.#stream);
    // Whoever writes or closes hears of it.
    this.#end.catch(() => {});
    this.#stream.write(`${HEADER}\n`);
  }

  async write(run: ForecastRun): Promise<void> {
    const seconds = [run.actualMs, ...run.quantilesMs].map((ms) =>
      String(Number((ms / 1_000).toPrecision(6))),
    );
    if (this.#stream.write(`${quoted(`${run.workflow}:${run.seq}`)},${run.history},${seconds.join(',')}\n`))
      return;
    await this.#orFailure(once(this.#stream, 'drain'));
  }

  async close(): Promise<void> {
    this.#stream.end();
    await this.#orFailure(this.#end);
  }

  async #orFailure(done: Promise<unknown>): Promise<void> {
    try {
      await Promise.race([done, this.#end]);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      const what = `${this.#path}: cannot be written, ${code}.`;
      throw new CodedError('file-unwritable', what, { field: 'predictions', cause: error });
    }
  }
}

function quoted(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
