/**
 * The log of what becomes of runs, and of the capacity they wait for, from the events of the
 * admission loop. Refusals, lost answers and doubts the loop logs itself, where it knows more.
 */
import type { Log } from '../../ports/log.ts';
import type { AdmissionEvent } from '../admission/events.ts';
import { PoolLog } from './pool-log.ts';

export class RunLog {
  readonly #log: Log;
  readonly #level: 'debug' | 'info';
  readonly #pools: PoolLog;

  /** `level` of what goes as it should. */
  constructor(log: Log, level: 'debug' | 'info') {
    this.#log = log;
    this.#level = level;
    this.#pools = new PoolLog({
      info: (fields, message) => log[level](fields, message),
      warn: (fields, message) => log.warn(fields, message),
    });
  }

  onEvent(event: AdmissionEvent): void {
    switch (event.kind) {
      case 'run-started':
        return this.#started(event);
      case 'run-finished':
        return this.#log.debug({ run: event.run.id, outcome: event.run.outcome }, 'Run finished');
      case 'start-lapsed':
        return this.#log.warn({ run: event.runId }, 'A start took no effect in time; the run is held again');
      case 'decided':
        return this.#pools.look(event.snapshot);
      default:
        return undefined;
    }
  }

  #started({ runId, tenant, pools, heldForMs }: Extract<AdmissionEvent, { kind: 'run-started' }>): void {
    const message = `Starting ${runId}: capacity available on ${pools.join(', ')}`;
    this.#log[this.#level]({ run: runId, tenant, heldForMs }, message);
  }
}
