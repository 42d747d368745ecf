/**
 * Tells what in host-config cannot be understood and is about no platform: one line when that
 * changes. What is wrong with a platform is told as the doubt about its pool.
 */
import type { Figure } from '../../../ports/figures.ts';
import type { Log } from '../../../ports/log.ts';

export class ProblemLog {
  readonly #log: Log;
  #told: readonly string[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  look(problems: readonly string[]): void {
    if (problems.join('\n') === this.#told.join('\n')) return;
    this.#told = problems;
    if (problems.length === 0) this.#log.info({}, 'All entries of host-config can be understood again');
    else this.#log.warn({ problems }, 'Entries of host-config cannot be understood');
  }

  figures(): readonly Figure[] {
    return [{ name: 'penstock_host_config_problems', labels: {}, value: this.#told.length }];
  }
}
