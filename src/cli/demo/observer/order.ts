/** What the observer is told and what it says: all that passes between it and the demo. */
import type { Peaks } from './peaks.ts';

export interface ObserverOrder {
  /** The folder of the engine whose runs are meant. */
  readonly engineFolder: string;
  /** JSON: what each run asks for, by its id. */
  readonly requestsFile: string;
}

export interface ObserverReport extends Peaks {
  /** Where it sees processes. */
  readonly source: '/proc' | 'ps';
  readonly everyMs: number;
}
