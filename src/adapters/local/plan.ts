/**
 * The plan: what a supervisor executes. It is made and checked when a run is created, so
 * that nothing about the pipeline can turn out wrong later, and a supervisor needs no
 * YAML, no schema and no defaults. Plain JSON, written once, never changed.
 */

/** A piece of a text that is known only while the run goes on. */
export type Blank =
  /** What another task wrote as its result. */
  | { readonly kind: 'result'; readonly task: string; readonly name: string }
  /** Where this task is to write its result. */
  | { readonly kind: 'result-path'; readonly name: string }
  /** How a task ended (Succeeded, Failed, None); null for all tasks together. Only in `finally`. */
  | { readonly kind: 'status'; readonly task: string | null };

/** A text with its parameters filled in; pieces that are known only later stay blank. */
export type Text = string | readonly (string | Blank)[];

export interface StepPlan {
  readonly name: string;
  readonly work:
    | { readonly kind: 'script'; readonly text: Text }
    | { readonly kind: 'command'; readonly argv: readonly Text[] };
  readonly env: readonly { readonly name: string; readonly value: Text }[];
  /** Relative to the run's work folder; null is that folder. */
  readonly workingDir: Text | null;
  readonly timeoutMs: number | null;
  /** The task goes on after this step failed. */
  readonly goesOnAfterError: boolean;
}

export interface TaskPlan {
  readonly name: string;
  /** Tasks that must end well before this one starts: `runAfter` and those whose results it uses. */
  readonly after: readonly string[];
  readonly retries: number;
  /** Counts for each attempt anew. */
  readonly timeoutMs: number | null;
  /** The pipeline goes on after this task failed. */
  readonly goesOnAfterError: boolean;
  readonly results: readonly string[];
  readonly steps: readonly StepPlan[];
}

export interface Timeouts {
  readonly pipelineMs: number | null;
  readonly tasksMs: number | null;
  readonly finallyMs: number | null;
}

export interface Plan {
  readonly timeouts: Timeouts;
  readonly tasks: readonly TaskPlan[];
  readonly finally: readonly TaskPlan[];
  /** What every step finds in its environment besides the few variables of the machine. */
  readonly env: Readonly<Record<string, string>>;
}
