/**
 * Watches the pods of runs and reads what they use, for history only: nothing here ever
 * decides, delays or doubts a start.
 *
 * Always true: without the right to read pods, or without a metrics API, this is off, says so
 * once, and looks now and then whether that has changed. Only pods that have not ended are
 * watched, so that the cost goes by what runs and not by what lies about.
 */
import type { Figure } from '../../../ports/figures.ts';
import type { Log } from '../../../ports/log.ts';
import type { Cluster, RawObject } from '../kubernetes/api.ts';
import { reflect } from '../kubernetes/reflector/reflect.ts';
import type { ReflectBounds, Reflection } from '../kubernetes/reflector/reflection.ts';
import { MACHINE_TIME, pause, type Time } from '../kubernetes/time.ts';
import { PODS_PATH, RUN_OF_POD_LABEL } from '../names.ts';
import type { Watched } from '../watch-figures.ts';
import { type PodMetric, readPodMetrics } from './pod-metrics.ts';
import type { RunMeasures } from './run-measures.ts';
import { type SeenPod, seenPod } from './seen-pod.ts';
import type { PodReading } from './usage-meter.ts';

export interface PodUsageOptions {
  readonly cluster: Cluster;
  readonly log: Log;
  readonly measures: RunMeasures;
  /** uid of the PipelineRun of a TaskRun; null for one that is not seen. */
  readonly runOf: (taskRunUid: string) => string | null;
  readonly time?: Time;
  readonly bounds?: Partial<ReflectBounds>;
  readonly pace?: Partial<PodUsagePace>;
}

export interface PodUsagePace {
  /** As often as metrics-server measures by default. */
  readonly readEveryMs: number;
  /** After a failure that may pass. */
  readonly retryMs: number;
  /** While there is no right, or no such API. */
  readonly absentMs: number;
}

const PACE: PodUsagePace = { readEveryMs: 15_000, retryMs: 30_000, absentMs: 600_000 };
const ASK_TIMEOUT_MS = 10_000;
const FORBIDDEN: ReadonlySet<number> = new Set([401, 403]);
const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed';

type Source = 'pods' | 'metrics';
type Standing = 'unknown' | 'up' | 'failing' | 'absent';

export class PodUsage {
  readonly #options: PodUsageOptions;
  readonly #time: Time;
  readonly #pace: PodUsagePace;
  readonly #closing = new AbortController();
  readonly #loops: Promise<unknown>;
  readonly #standing: Record<Source, Standing> = { pods: 'unknown', metrics: 'unknown' };
  #pods: Reflection<SeenPod> | null = null;

  constructor(options: PodUsageOptions) {
    this.#options = options;
    this.#time = options.time ?? MACHINE_TIME;
    this.#pace = { ...PACE, ...options.pace };
    this.#loops = Promise.all([this.#watchPods(), this.#readUse()]);
  }

  figures(): readonly Figure[] {
    return Object.entries(this.#standing).map(
      ([source, standing]): Figure => ({
        name: 'penstock_usage_source_up',
        labels: { source },
        value: standing === 'up' ? 1 : 0,
      }),
    );
  }

  /** None while pods are not watched. */
  watches(): readonly Watched[] {
    return this.#pods === null ? [] : [{ resource: 'pods', reflection: this.#pods }];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loops;
    await this.#pods?.close();
  }

  async #watchPods(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const answer = await this.#mayReadPods();
      if (signal.aborted) return;
      this.#found('pods', answer.standing, answer.why);
      if (answer.standing === 'up') this.#pods ??= this.#reflectPods();
      if (answer.standing === 'absent') {
        await this.#pods?.close();
        this.#pods = null;
      }
      const { retryMs, absentMs } = this.#pace;
      await pause(this.#time, answer.standing === 'failing' ? retryMs : absentMs, signal);
    }
  }

  /** Asked before and besides the watch, which would ask again and again. */
  async #mayReadPods(): Promise<{ readonly standing: Standing; readonly why: string }> {
    const outcome = await this.#options.cluster.request({
      method: 'GET',
      path: PODS_PATH,
      query: { labelSelector: RUN_OF_POD_LABEL, fieldSelector: LIVE_PODS, limit: '1' },
      timeoutMs: ASK_TIMEOUT_MS,
      signal: this.#closing.signal,
    });
    if (outcome.kind === 'ok') return { standing: 'up', why: '' };
    if (outcome.kind !== 'api-status') return { standing: 'failing', why: outcome.why };
    const why = `${outcome.code} ${outcome.message}`.trimEnd();
    return { standing: FORBIDDEN.has(outcome.code) ? 'absent' : 'failing', why };
  }

  #reflectPods(): Reflection<SeenPod> {
    const { cluster, log, measures, bounds } = this.#options;
    const pods = reflect({
      cluster,
      log,
      path: PODS_PATH,
      labelSelector: RUN_OF_POD_LABEL,
      fieldSelector: LIVE_PODS,
      time: this.#time,
      ...(bounds === undefined ? {} : { bounds }),
      project: (raw: RawObject) => {
        const pod = seenPod(raw);
        if (pod !== null && pod.finishedAtMs === null) measures.sawPod(pod);
        return pod;
      },
    });
    pods.onRemove((_, last) => this.#ended(last));
    return pods;
  }

  #ended(pod: SeenPod): void {
    const { uid, startedAtMs, finishedAtMs } = pod;
    const { measures } = this.#options;
    const runUid = this.#runOf(pod);
    if (runUid === null || startedAtMs === null) return;
    const endedAtMs = finishedAtMs ?? this.#time.wallMs();
    measures.usage.ended({ podUid: uid, runUid, startedAtMs, endedAtMs });
  }

  async #readUse(): Promise<void> {
    const { cluster, measures } = this.#options;
    const { signal } = this.#closing;
    const { readEveryMs, absentMs } = this.#pace;
    while (!signal.aborted) {
      await pause(this.#time, this.#standing.metrics === 'absent' ? absentMs : readEveryMs, signal);
      const pods = this.#pods?.items();
      if (signal.aborted || pods === undefined || pods.size === 0) continue;
      const reading = await readPodMetrics(cluster, { signal, time: this.#time });
      if (signal.aborted) return;
      if (reading.kind !== 'read') {
        this.#found('metrics', reading.kind === 'absent' ? 'absent' : 'failing', reading.why);
        continue;
      }
      this.#found('metrics', 'up', '');
      measures.usage.read(this.#ofRuns(reading.pods, pods));
    }
  }

  #ofRuns(metrics: readonly PodMetric[], pods: ReadonlyMap<string, SeenPod>): readonly PodReading[] {
    const byName = new Map([...pods.values()].map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
    return metrics.flatMap((metric) => {
      const pod = byName.get(`${metric.namespace}/${metric.name}`);
      if (pod === undefined) return [];
      const runUid = this.#runOf(pod);
      if (runUid === null) return [];
      return [{ ...metric, podUid: pod.uid, runUid, podStartedAtMs: pod.startedAtMs }];
    });
  }

  #runOf({ runUid, taskRunUid }: SeenPod): string | null {
    return runUid ?? this.#options.runOf(taskRunUid);
  }

  /** One line when a source goes and one when it is back. */
  #found(source: Source, standing: Standing, why: string): void {
    const before = this.#standing[source];
    this.#standing[source] = standing;
    const { log } = this.#options;
    if (standing === 'absent' && before !== 'absent') log.info({ why }, MISSING[source]);
    if (standing === 'up' && before === 'absent') log.info({}, BACK[source]);
  }
}

const MISSING: Readonly<Record<Source, string>> = {
  pods: 'Pods may not be read: history keeps no requested resources ("penstock manifests --usage" grants it, tekton.usage: off asks no more)',
  metrics: 'The cluster does not say what pods use: history keeps no measured resources',
};
const BACK: Readonly<Record<Source, string>> = {
  pods: 'Pods may be read: history keeps requested resources',
  metrics: 'The cluster says what pods use: history keeps measured resources',
};
