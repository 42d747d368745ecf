/**
 * Engine: where pipelines really run. The app needs very little of it: to put held runs
 * in, to see what is there, to let one go, to end one. All truth about what waits and
 * what runs lives in the engine; the app remembers none of it.
 *
 * Every engine passes `test/conformance/engine.ts`, the simulator's fake one included.
 */
import type { Quantiles } from '../core/forecast/types.ts';
import type { RunProfile } from '../core/model/profile.ts';
import type { Outcome, Requests, RunId, RunState, Usage } from '../core/model/run.ts';
import type { Figure } from './figures.ts';

/** A run to be created held. */
export interface NewRun {
  /** The id asked for. An engine may have to make another of it (see `CreateOutcome`), the same for the same run. */
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  /** What it executes, in the engine's own format (local: a Tekton Pipeline or PipelineRun as YAML). */
  readonly content: string;
  readonly params: Readonly<Record<string, string>>;
  /** Overrides the timeout of the content; null leaves it. */
  readonly timeoutMs: number | null;
}

/** `id` is the one it is observed under from now on. */
export type CreateOutcome =
  | { readonly kind: 'created'; readonly id: RunId }
  /** The very same run (id and content) is there already: a retried request. */
  | { readonly kind: 'exists'; readonly id: RunId }
  /** A different run has this id; nothing of the batch was created. */
  | { readonly kind: 'conflict' }
  /** Not created, because another run of the batch is a conflict. */
  | { readonly kind: 'skipped' };

export interface RunResult {
  readonly outcome: Outcome;
  /** For a person, one line; null for a plain success. */
  readonly reason: string | null;
  readonly usage: Usage | null;
  /** Null where nothing is known of its tasks. */
  readonly profile: RunProfile | null;
}

export interface ObservedRun {
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  /** Identifies what it executes: equal content, equal hash. */
  readonly contentHash: string;
  /** Counts from the start, never from creation; null means none. */
  readonly timeoutMs: number | null;
  readonly state: RunState;
  /** Penstock held it, so Penstock may start it. Any other run is only counted. */
  readonly ours: boolean;
  /** What is wrong with how it says what it needs, one line for its author; such a run is held until that is mended. */
  readonly fault: string | null;
  readonly heldSinceMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Set exactly when the state is an outcome. */
  readonly result: RunResult | null;
  /** How long it may be held before it is cancelled; none or null leaves it to the settings. */
  readonly maxHeldMs?: number | null;
}

/** What the engine itself says of a tenant, as in an annotation of its namespace. */
export interface TenantHint {
  readonly name: string;
  /** `why` is for a person, one line. */
  readonly paused: { readonly why: string } | null;
  /** Most units of a pool its runs may occupy together: whole, >= 0. */
  readonly caps: Requests;
}

export interface Observation {
  /** Grows with every change; an observation with a lower one is older and must not be used after. */
  readonly revision: number;
  readonly runs: readonly ObservedRun[];
  readonly tenants?: readonly TenantHint[];
}

export interface ObserveOptions {
  /** It reflects every write answered before the call; else it may lag. */
  readonly fresh: boolean;
  /** Of these runs it reflects every write answered before the call, though it may lag of others. */
  readonly freshOf?: readonly RunId[];
}

export interface StartRequest {
  /** After this instant, by the engine's own clock, the request must not take effect any more. */
  readonly deadlineMs: number;
}

export type StartOutcome =
  /** The engine took it; the run counts as starting until observed otherwise. */
  | { readonly kind: 'accepted' }
  /** Certain not to have taken effect, now or later. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The answer was lost: it may have taken effect, or may until the deadline. */
  | { readonly kind: 'unknown'; readonly why: string };

export type CancelOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'missing' }
  /** Only held runs were to be cancelled, and this one has been let go. */
  | { readonly kind: 'started' };

export interface CancelOptions {
  /** A run that is not held any more stays as it is, however closely the two met. */
  readonly onlyHeld: boolean;
}

export interface LogChunk {
  readonly task: string;
  readonly step: string;
  /** Bounded; the middle of a long log is left out and says so. */
  readonly text: string;
}

/** What people are told about a waiting run. Notes come in the order of the queue. */
export interface RunNote {
  readonly id: RunId;
  /** One line. */
  readonly because: string;
  /** Equal as long as it waits for the same; empty when it waits for nothing. */
  readonly reasonKey: string;
  readonly position: number | null;
  readonly startsAtMs: Quantiles | null;
  readonly finishesAtMs: Quantiles | null;
}

export interface Engine {
  readonly kind: string;
  /** All or none; outcomes in the order asked. Throws CodedError when the content is not valid. */
  create(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]>;
  /** What is there. Throws when the engine does not answer. */
  observe(options: ObserveOptions, signal: AbortSignal): Promise<Observation>;
  /** Lets a held run go, at most once in its life, whoever else asks. */
  start(id: RunId, request: StartRequest, signal: AbortSignal): Promise<StartOutcome>;
  /** By default whatever its state is. */
  cancel(id: RunId, reason: string, signal: AbortSignal, options?: CancelOptions): Promise<CancelOutcome>;
  /** Calls `listener` when looking again may be worth it; may call too often, or miss some. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
  readonly can: {
    /** History has these finished runs for good: the engine need not show them any more. */
    readonly forget?: (ids: readonly RunId[]) => Promise<void>;
    /** Where the id observed is another than the one asked for: equal for a run and what it was asked for as, and the beginning of the id observed. */
    readonly namesOf?: {
      readonly asked: (id: RunId, project: string) => string;
      readonly observed: (id: RunId) => string;
    };
    readonly logs?: (id: RunId) => Promise<readonly LogChunk[]>;
    /** Tells people on the runs themselves why they wait; the engine picks what is worth a write. Never throws. */
    readonly explain?: (notes: readonly RunNote[]) => void;
    /** How well it sees and is heard, for a metric each. Cheap: asked at each scrape. */
    readonly figures?: () => readonly Figure[];
  };
}
