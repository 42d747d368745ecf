/**
 * What becomes of launched runs: those of a paced occurrence that have not started when its
 * window closes are cancelled, and each launch gets the outcome that history has of its run.
 *
 * Always true: only runs that are still held are cancelled, by an order that leaves alone
 * whatever has been let go.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, ObservedRun } from '../../ports/engine.ts';
import type { LaunchChange, LaunchRecord, LaunchStore } from '../../ports/launch-store.ts';
import { boundedWait } from '../admission/bounded-wait.ts';

export interface SettlingParts {
  readonly engine: Engine;
  readonly launches: LaunchStore;
  readonly clock: Clock;
}

const OBSERVE_LIMIT_MS = 30_000;
const CANCEL_LIMIT_MS = 10_000;
const AT_ONCE_MAX = 200;
/** A run that nobody sees for so long is not on its way from the engine into history. */
const VANISHED_AFTER_MS = 10 * 60_000;
const TOO_LATE = 'It had not started when the window of its occurrence closed.';

export class LaunchSettling {
  readonly #parts: SettlingParts;

  constructor(parts: SettlingParts) {
    this.#parts = parts;
  }

  settle(): Promise<number> {
    return this.#parts.launches.settleFinished();
  }

  /** Cancels what may not start any more. */
  async expire(): Promise<void> {
    const { launches, clock } = this.#parts;
    for (;;) {
      const expired = await launches.expired(clock.nowMs(), AT_ONCE_MAX);
      if (expired.length === 0) return;
      const runs = await this.#observe();
      const changes: LaunchChange[] = [];
      for (const launch of expired) {
        const run = launch.runId === null ? undefined : runs.get(launch.runId);
        const cancelled = run?.state === 'held' && (await this.#cancel(run.id));
        const to = cancelled ? { expiresAtMs: null, reason: TOO_LATE } : { expiresAtMs: null };
        changes.push({ key: launch, from: 'launched', to });
      }
      await launches.change(changes);
    }
  }

  /** Those whose run is nowhere: neither does the engine show it, nor has history got it. */
  async giveUpVanished(): Promise<void> {
    const { launches, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const open = await launches.unsettled(nowMs - VANISHED_AFTER_MS, AT_ONCE_MAX);
    if (open.length === 0) return;
    const runs = await this.#observe();
    // What has gone into history since then is no longer open.
    await launches.settleFinished();
    const gone = open.filter(({ runId }: LaunchRecord) => runId === null || !runs.has(runId));
    const outcome = 'vanished' as const;
    const still = new Set((await launches.unsettled(nowMs - VANISHED_AFTER_MS, AT_ONCE_MAX)).map(textOf));
    const lost = gone.filter((launch) => still.has(textOf(launch)));
    const reason = 'The engine shows its run no more, and it is not in history.';
    await launches.change(
      lost.map((launch) => ({ key: launch, from: 'launched', to: { outcome, reason, endedAtMs: nowMs } })),
    );
  }

  async #observe(): Promise<ReadonlyMap<RunId, ObservedRun>> {
    const { engine, clock } = this.#parts;
    const { runs } = await boundedWait({ clock, limitMs: OBSERVE_LIMIT_MS, what: 'The engine' }, (signal) =>
      engine.observe({ fresh: true }, signal),
    );
    return new Map(runs.map((run) => [run.id, run]));
  }

  async #cancel(id: RunId): Promise<boolean> {
    const { engine, clock } = this.#parts;
    const outcome = await boundedWait({ clock, limitMs: CANCEL_LIMIT_MS, what: 'The engine' }, (signal) =>
      engine.cancel(id, TOO_LATE, signal, { onlyHeld: true }),
    );
    return outcome.kind === 'accepted';
  }
}

function textOf({ identity, occurrenceKey, project, branch }: LaunchRecord): string {
  return JSON.stringify([identity, occurrenceKey, project, branch]);
}
