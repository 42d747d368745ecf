/**
 * The admission loop (skeleton of its surface; the passes follow).
 */
import type { CapacitySource } from '../ports/capacity.ts';
import type { Clock } from '../ports/clock.ts';
import type { Engine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { DurationModelSource } from './admission/durations.ts';
import type { AdmissionListener } from './admission/events.ts';
import type { AdmissionHealth, AdmissionView } from './admission/view.ts';
import type { AdmissionSettings } from './settings.ts';

export interface AdmissionLoopParts {
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: AdmissionSettings;
  readonly durations: DurationModelSource;
  readonly onEvent?: AdmissionListener;
}

export class AdmissionLoop {
  readonly #parts: AdmissionLoopParts;
  #stopping = false;

  constructor(parts: AdmissionLoopParts) {
    this.#parts = parts;
  }

  /** Begins to look; returns at once. Failures of any kind are retried for ever and shown in `health`. */
  start(): void {}

  /** Look again soon. */
  wake(): void {}

  /** The last complete pass; null before the first. */
  view(): AdmissionView | null {
    return null;
  }

  health(): AdmissionHealth {
    return {
      mode: this.#parts.settings.mode,
      doubts: [],
      waitingUntilMs: null,
      lastPassAtMs: null,
      stopping: this.#stopping,
    };
  }

  /** Starts nothing more, waits (bounded) until outstanding start requests are answered, leaves runs alone. */
  async stop(): Promise<void> {
    this.#stopping = true;
  }
}
