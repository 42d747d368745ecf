/**
 * Meter: where the admission loop reports what it did, once a pass. Reporting never fails,
 * never waits, and nothing is ever decided by what was reported.
 */
export interface PassFigures {
  /** How long the whole pass took, and the decision within it. */
  readonly passMs: number;
  readonly decisionMs: number;
  /** Starts that the engine accepted in this pass, with the time each run was held. */
  readonly starts: readonly { readonly tenant: string; readonly waitedMs: number }[];
  readonly tenants: readonly {
    readonly tenant: string;
    readonly held: number;
    readonly starting: number;
    readonly running: number;
  }[];
  readonly pools: readonly {
    readonly pool: string;
    readonly size: number;
    readonly used: number;
    readonly inDoubt: boolean;
  }[];
}

export interface Meter {
  passed(figures: PassFigures): void;
  /** A pass that ended early because the engine, the store or the capacity source failed. */
  passFailed(): void;
}
