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
    const log = this.#log;
    switch (event.kind) {
      case 'run-started':
        this.#started(event);
        break;
      case 'run-finished':
        log.debug({ run: event.run.id, outcome: event.run.outcome }, 'Run finished');
        break;
      case 'start-lapsed':
        log.warn({ run: event.runId }, 'A start took no effect in time; the run is held again');
        break;
      case 'decided':
        this.#pools.look(event.snapshot);
        break;
      default:
        break;
    }
  }

  #started({ runId, tenant, pools, heldForMs }: Extract<AdmissionEvent, { kind: 'run-started' }>): void {
    const message = `Starting ${runId}: capacity available on ${pools.join(', ')}`;
    this.#log[this.#level]({ run: runId, tenant, heldForMs }, message);
  }
}
