/** A finished run on its way into history, with the number it is recorded under. */
import type { FinishedRun } from '../../ports/store.ts';

export interface RecordedRun {
  /** Counts up in the order of recording; it breaks ties between equal instants. */
  readonly seq: number;
  readonly run: FinishedRun;
}
