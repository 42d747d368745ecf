/**
 * What an assessment says, as data: the JSON document of `penstock assess --json` and of the
 * API. Instants are milliseconds since the epoch, lengths milliseconds.
 *
 * Always true: no number in it is NaN or infinite; what cannot be said is null.
 */
import type { Quantiles } from '../forecast/types.ts';
import type { PolicyFormat } from '../policy/model.ts';
import type { ProjectReason } from '../policy/preview.ts';
import type { TimePoint, WindowPart } from './bands.ts';
import type { Evidence } from './evidence.ts';
import type { QuietStart } from './quiet-start.ts';
import type { Recommendation } from './recommend.ts';
import type { Verdict } from './verdict.ts';
import type { Warning } from './warnings.ts';
import type { Comparison } from './what-if.ts';

export interface Assessment {
  readonly madeAtMs: number;
  readonly policy: {
    readonly name: string;
    readonly displayName: string;
    readonly format: PolicyFormat;
    readonly enabled: boolean;
    readonly contentHash: string;
    readonly timeZone: string;
  };
  readonly occurrence: {
    readonly key: string;
    readonly day: number;
    readonly opensAtMs: number;
    readonly closesAtMs: number;
    /** The moments of the launches are known; else each future draws its own. */
    readonly areMomentsKnown: boolean;
  };
  readonly scope: {
    readonly projects: number;
    readonly launches: number;
    readonly snoozed: number;
    /** GitLab would let so many jump over this occurrence. */
    readonly jumpedOver: number;
    readonly branches: readonly string[];
    readonly out: readonly ProjectReason[];
    readonly unknown: readonly ProjectReason[];
  };
  readonly launches: { readonly byPart: readonly WindowPart[]; readonly busiestMinute: Quantiles };
  readonly atOnce: {
    /** If each ran from its launch on. */
    readonly wanted: Quantiles;
    /** With the pools there are. */
    readonly running: Quantiles;
    readonly waiting: Quantiles;
  };
  readonly execution: {
    /** Summed over all pipelines. */
    readonly totalMs: Quantiles;
    /** Of one pipeline, any of them. */
    readonly eachMs: Quantiles;
  };
  /** Null: nothing ever starts. */
  readonly finish: {
    readonly allAtMs: Quantiles;
    readonly mostAtMs: Quantiles;
    readonly lastStartAtMs: Quantiles;
  } | null;
  readonly wait: {
    readonly waited: Quantiles;
    /** Of all pipelines, those that do not wait included: its median and its P90, as ranges. */
    readonly medianMs: Quantiles;
    readonly p90Ms: Quantiles;
    readonly longestMs: Quantiles;
  };
  readonly neverStarted: Quantiles;
  readonly pools: readonly PoolUse[];
  readonly timeline: readonly TimePoint[];
  readonly resources: Resources;
  readonly timeouts: Timeouts;
  /** Null while nobody said how much capacity there is. */
  readonly limit: Limit | null;
  readonly overlaps: readonly {
    readonly policy: string;
    readonly opensAtMs: number;
    readonly closesAtMs: number;
    readonly launches: number;
  }[];
  /** What GitLab's own page says: the newest duration times the projects. Null without a duration. */
  readonly gitlabEstimate: { readonly totalMs: number; readonly launchesPerHour: number } | null;
  readonly evidence: Evidence;
  readonly warnings: readonly Warning[];
  readonly verdict: Verdict;
  readonly recommendations: readonly Recommendation[];
  /** Null: nothing is known of what else runs. */
  readonly quietStart: QuietStart | null;
  readonly whatIf: readonly Comparison[];
  /** Beside the policy as it was; null unless that was given. */
  readonly against: Comparison | null;
  readonly replications: number;
  readonly seed: number;
}

export interface PoolUse {
  readonly name: string;
  readonly size: number;
  /** In use by others all the time. */
  readonly otherUse: number;
  /** What admission keeps for one pipeline while it runs; 0: it asks for none. */
  readonly units: number;
  /**
   * Whether the use is that of the tasks of measured runs, each while it works, or the
   * request, from each pipeline's start to its end.
   */
  readonly basis: 'request' | 'tasks';
  /** Share of the pool that the policy uses, from the opening of the window until all is done. */
  readonly meanShare: Quantiles;
  readonly peakUnits: Quantiles;
}

export interface Resources {
  readonly slotMs: Quantiles;
  /** From the samples that say it; null where none does. */
  readonly jobMs: Quantiles | null;
  readonly cpuMs: Quantiles | null;
  /** At the peak, if each holds what it holds at most. */
  readonly memoryBytes: Quantiles | null;
  /** What the tasks that work at the same time reserve, at the peak; null where no sample says it. */
  readonly reservedCpuMillis: Quantiles | null;
  readonly reservedMemoryBytes: Quantiles | null;
  readonly samplesWithJobs: number;
  readonly samplesWithUsage: number;
  /** That know when each of their tasks came and went. */
  readonly samplesWithTasks: number;
}

export interface Timeouts {
  readonly limitMs: number | null;
  /** By themselves, however long they waited. */
  readonly withHolding: Quantiles | null;
  /** Pipelines created at their moment whose timeout counts from then; null where nothing has a timeout. */
  readonly withoutHolding: {
    readonly waiting: Quantiles;
    readonly running: Quantiles;
    readonly wastedSlotMs: Quantiles;
  } | null;
  /** For GitLab: jobs that wait for a runner for a day and are dropped. */
  readonly stuck: Quantiles | null;
}

/** What the policy waits for most, and what more of it brings. */
export interface Limit {
  readonly kind: 'pool' | 'nothing';
  readonly pool: string | null;
  readonly slots: number | null;
  /** With room for one pipeline more, all else and all luck the same. */
  readonly oneMore: {
    readonly soonerMs: Quantiles;
    readonly lessWaitMs: Quantiles;
  } | null;
}
