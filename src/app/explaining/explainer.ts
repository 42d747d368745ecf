/**
 * Tells people about their waiting runs where they look: at a steady pace it makes the queue's
 * view and gives it to the engine, which writes on the runs what is worth a write, and it
 * logs each change of the reason why a run waits.
 *
 * Always true: it decides nothing and holds nothing up. It works between passes, one round
 * at a time, and only when there was a pass since the last round; the longer rounds take, the
 * rarer they are; failures are logged and the next round tries again. What is written on a
 * run names no run of another project, since whoever reads the one may not see the other.
 */
import { poolWaitedFor } from '../../core/admission/pool-waited-for.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, RunNote } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { ShownReason } from '../access/shown-reason.ts';
import { boundedWait, errorText } from '../admission/bounded-wait.ts';
import { breath } from '../forecasting/same-thread.ts';
import type { LoopBeside } from '../penstock.ts';
import type { QueueEntry, RunNotices } from '../views.ts';

export interface ExplainerParts {
  readonly penstock: RunNotices;
  readonly loop: Pick<LoopBeside, 'view'>;
  readonly engine: Pick<Engine, 'can'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
}

const ROUND_LIMIT_MS = 60_000;
/** A pass that is due waits for the round that is under way: rounds have this share of the time at most. */
const REST_PER_ROUND = 4;
/** Lines of one round about single runs; thousands arrive at once, and each line is written before work goes on. */
const LINES_MAX = 100;

export class Explainer {
  readonly #parts: ExplainerParts;
  readonly #said = new Map<RunId, string>();
  #cancelTimer: () => void = () => {};
  #lastView: unknown = null;
  #stopped = false;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#planNext(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  #planNext(tookMs: number): void {
    if (this.#stopped) return;
    const { clock, everyMs } = this.#parts;
    this.#cancelTimer = clock.at(clock.nowMs() + Math.max(everyMs, tookMs * REST_PER_ROUND), () => {
      const beganAtMs = clock.nowMs();
      void this.#round().finally(() => this.#planNext(clock.nowMs() - beganAtMs));
    });
  }

  async #round(): Promise<void> {
    const { penstock, loop, engine, clock, log } = this.#parts;
    const view = loop.view();
    if (view === null || view === this.#lastView) return;
    try {
      const entries = await boundedWait(
        { clock, limitMs: ROUND_LIMIT_MS, what: 'The view of the queue' },
        (signal) => penstock.waitingRuns(signal),
      );
      this.#lastView = view;
      this.#logChanges(entries);
      await breath(clock);
      const notes = entries.map(noteOf);
      await breath(clock);
      engine.can.explain?.(notes);
    } catch (error) {
      log.warn({ error: errorText(error) }, 'Waiting runs could not be told why they wait');
    }
  }

  #logChanges(entries: readonly QueueEntry[]): void {
    const here = new Set<RunId>();
    let lines = 0;
    for (const { run, reason, because, position } of entries) {
      here.add(run.id);
      const now = reason === null ? '' : reasonKey(reason);
      if (this.#said.get(run.id) === now) continue;
      this.#said.set(run.id, now);
      if (reason === null) continue;
      lines += 1;
      if (lines > LINES_MAX) continue;
      const pool = poolWaitedFor(reason);
      this.#parts.log.info({ run: run.id, pool, position, because }, `Run waits: ${inShort(reason)}`);
    }
    const more = lines - LINES_MAX;
    if (more > 0) this.#parts.log.info({ runs: more }, 'More runs wait for another reason than before');
    for (const id of this.#said.keys()) if (!here.has(id)) this.#said.delete(id);
  }
}

function noteOf(entry: QueueEntry): RunNote {
  const { run, reason, because, position, startsAtMs, finishesAtMs } = entry;
  const key = reason === null ? '' : reasonKey(reason);
  return { id: run.id, because, reasonKey: key, position, startsAtMs, finishesAtMs };
}

/** The same while nothing changed that people would want to be told of; free units come and go. */
function reasonKey(reason: ShownReason): string {
  if (reason.kind === 'behind') return reasonKey(reason.first);
  if (reason.kind === 'malformed') return `malformed ${reason.problem}`;
  const pool = poolWaitedFor(reason) ?? '';
  const size = 'size' in reason ? reason.size : '';
  return `${reason.kind} ${pool} ${size}`.trimEnd();
}

function inShort(reason: ShownReason): string {
  const pool = poolWaitedFor(reason);
  if (reason.kind === 'pool-full' || reason.kind === 'never-fits') return `missing capacity on ${pool}`;
  if (reason.kind === 'behind') return inShort(reason.first);
  return pool === null ? reason.kind : `${reason.kind} on ${pool}`;
}
