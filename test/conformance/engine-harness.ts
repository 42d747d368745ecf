/**
 * What the conformance suite needs of an engine's surroundings: content to run, a clock
 * to wait by, a crash. Engines without real processes can implement it too.
 */
import type { RunId } from '../../src/core/model/run.ts';
import type { Engine, Observation } from '../../src/ports/engine.ts';

/** What the work of a run does: end well, end badly, or go on until `letEnd` (and then end well). */
export type Work = 'succeeds' | 'fails' | 'waits';

export interface EngineHarness {
  /** The engine under test. After `reopen` this is the new one. */
  readonly engine: Engine;
  /** Long enough for a run to begin within it, short enough to wait for: used as a timeout. */
  readonly shortMs: number;
  /** The engine's own clock. */
  nowMs(): number;
  /** What to put in `NewRun.content` for such work. Equal for equal work. */
  content(work: Work): string;
  /** Content that the engine refuses with a CodedError; null when it takes anything. */
  invalidContent(): string | null;
  /** Lets the work of a run made with `waits` end, now or as soon as it runs. */
  letEnd(id: RunId): Promise<void>;
  /** How many times the work of this run began to execute. */
  executions(id: RunId): Promise<number>;
  /** Lets the engine's time pass until it is at least this. */
  passUntil(atMs: number): Promise<void>;
  /** Lets time pass until a fresh observation satisfies the condition; throws when it never does. */
  until(condition: (observation: Observation) => boolean): Promise<Observation>;
  /** A run that somebody else created, neither held nor startable by Penstock; null if the engine has no such thing. */
  createForeign(): Promise<RunId | null>;
  /** Forgets the engine object as a crash does (no `close`) and opens a new one on the same world. */
  reopen(): Promise<void>;
  /** Ends whatever still runs and removes everything. */
  dispose(): Promise<void>;
}
