/**
 * What came of comparing meters with what is listed, pool by pool: a metric, and one line of
 * log when it begins to differ and one when it is over.
 */
import type { Figure } from '../../ports/figures.ts';
import type { Log } from '../../ports/log.ts';
import type { CrossCheck } from './other-use.ts';

export class CrossChecks {
  readonly #log: Log | null;
  #checks: ReadonlyMap<string, CrossCheck> = new Map();

  constructor(log: Log | null) {
    this.#log = log;
  }

  /** All of one reading. */
  found(checks: ReadonlyMap<string, CrossCheck>): void {
    for (const [pool, check] of checks) this.#tell(pool, this.#checks.get(pool)?.kind ?? 'agrees', check);
    this.#checks = checks;
  }

  last(): ReadonlyMap<string, CrossCheck> {
    return this.#checks;
  }

  figures(): readonly Figure[] {
    return [...this.#checks].flatMap(([pool, { kind }]): readonly Figure[] => [
      { name: 'penstock_meter_disagrees', labels: { pool }, value: kind === 'disagrees' ? 1 : 0 },
      { name: 'penstock_meter_unusable', labels: { pool }, value: kind === 'unusable' ? 1 : 0 },
    ]);
  }

  #tell(pool: string, before: CrossCheck['kind'], check: CrossCheck): void {
    const log = this.#log;
    if (before === check.kind || log === null) return;
    if (check.kind === 'agrees') log.info({ pool }, 'The meter agrees with what is listed again');
    else if (check.kind === 'unusable')
      log.warn({ pool, why: check.why }, 'What the meter shows cannot be used');
    else {
      const { units, listedLeast, listedMost } = check;
      const fields = { pool, metered: units, listedLeast, listedMost };
      log.warn(fields, 'The meter disagrees with what is listed');
    }
  }
}
