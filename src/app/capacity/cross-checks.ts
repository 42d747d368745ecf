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
    if (before === check.kind) return;
    switch (check.kind) {
      case 'agrees':
        return this.#log?.info({ pool }, 'The meter agrees with what is listed again');
      case 'unusable':
        return this.#log?.warn({ pool, why: check.why }, 'What the meter shows cannot be used');
      case 'disagrees': {
        const { units, listedLeast, listedMost } = check;
        const fields = { pool, metered: units, listedLeast, listedMost };
        return this.#log?.warn(fields, 'The meter disagrees with what is listed');
      }
    }
  }
}
