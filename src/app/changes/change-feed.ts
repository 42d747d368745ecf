/**
 * Everything that changes, in one order, for those who follow it live: runs, test runs,
 * policies, occurrences with their launches, forecasts.
 *
 * Always true: while nobody follows, and some minutes after, nothing is compared and nothing
 * kept; what is told was read after the change, so the last thing told of anything is how it
 * is; where something may have been missed, every reader is told to look at the whole again.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { QueueForecast } from '../../core/forecast/types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OccurrenceRef } from '../../ports/launch-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Store } from '../../ports/store.ts';
import { boundedWait, errorText } from '../admission/bounded-wait.ts';
import type { AdmissionEvent } from '../admission/events.ts';
import { Triggers } from '../admission/triggers.ts';
import type { AdmissionView } from '../admission/view.ts';
import { occurrenceView } from '../policies/occurrence-views.ts';
import { policyView } from '../policies/policy-views.ts';
import type { PolicyRegistry } from '../policies/registry.ts';
import { viewOf } from '../test-runs/view.ts';
import type { Penstock } from '../views.ts';
import { Journal } from './journal.ts';
import { PolicyChanges } from './policy-changes.ts';
import { RunChanges } from './run-changes.ts';

export interface ChangeFeedParts {
  readonly store: Pick<Store, 'launches' | 'testRuns' | 'missed'>;
  readonly registry: Pick<PolicyRegistry, 'state' | 'records' | 'onChange'>;
  readonly engineKind: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The last pass of the loop beside it. */
  readonly view: () => AdmissionView | null;
  /** Makes the forecast anew that all share. */
  readonly penstock: Pick<Penstock, 'queue'>;
  /** Of this process, and of no other one before or after. */
  readonly lifetime: string;
  readonly journal?: Journal;
}

/** How many follow at a time, in all and of each caller. */
export const READERS_MAX = 100;
export const READERS_MAX_OF_ONE = 10;
const AGAIN_AFTER_MS = 10_000;
/** A reader that was cut off comes back within this time and has missed nothing. */
const LINGER_MS = 5 * 60_000;
/** While somebody follows, the shared forecast is made anew this often at most. */
const FORECAST_EVERY_MS = 5_000;
const FORECAST_WITHIN_MS = 60_000;
/** Things to be read again that are remembered; with more, everything is. */
const DIRTY_MAX = 10_000;

export class ChangeFeed {
  readonly journal: Journal;
  readonly lifetime: string;
  readonly #parts: ChangeFeedParts;
  readonly #runs = new RunChanges();
  readonly #policies: PolicyChanges;
  readonly #triggers: Triggers;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #readers = new Map<string, number>();
  /** Resolves when everything is known that later changes are changes of; null while nobody follows. */
  #awake: Promise<void> | null = null;
  #isAwake = false;
  #cancelSleep: () => void = () => {};
  #policiesChanged = false;
  readonly #testRuns = new Set<string>();
  readonly #openTestRuns = new Map<string, string>();
  readonly #occurrences = new Map<string, OccurrenceRef>();
  #forecastAtMs = 0;
  #forecasting = false;
  #stopped = false;

  constructor(parts: ChangeFeedParts) {
    const { registry, store, clock, engineKind } = parts;
    this.#parts = parts;
    this.journal = parts.journal ?? new Journal();
    this.lifetime = parts.lifetime;
    this.#policies = new PolicyChanges(registry, (record) => policyView(record, clock.nowMs(), engineKind));
    this.#triggers = new Triggers(clock, () => this.#pass());
    this.#unsubscribe = [
      registry.onChange(() => {
        this.#policiesChanged = true;
        this.#noted();
      }),
      store.missed.subscribe(() => this.#missed()),
      store.testRuns.changes.subscribe((id) => {
        this.#testRuns.add(id);
        this.#noted();
      }),
      store.launches.changes.subscribe((refs) => {
        for (const ref of refs) this.#occurrences.set(JSON.stringify([ref.identity, ref.key]), ref);
        this.#noted();
      }),
    ];
  }

  /**
   * One more reader of the journal; returns what ends it.
   * @throws CodedError `streams-full`
   */
  async open(name: string): Promise<() => void> {
    const { clock } = this.#parts;
    const own = this.#readers.get(name) ?? 0;
    const all = [...this.#readers.values()].reduce((sum, count) => sum + count, 0);
    if (own >= READERS_MAX_OF_ONE || all >= READERS_MAX) throw streamsFull(own, clock.nowMs());
    this.#readers.set(name, own + 1);
    this.#cancelSleep();
    const close = (): void => this.#close(name);
    try {
      this.#awake ??= this.#wakeUp();
      await this.#awake;
    } catch (error) {
      this.#awake = null;
      close();
      throw error;
    }
    return close;
  }

  /** To be told of every event of the loop. */
  onEvent(event: AdmissionEvent): void {
    if (!this.#isAwake) return;
    if (event.kind === 'run-finished' || event.kind === 'run-finished-elsewhere') {
      this.journal.add(this.#runs.ended(event.run));
    }
    if (event.kind !== 'pass-finished') return;
    const view = this.#parts.view();
    const changes = view === null ? [] : this.#runs.since(view);
    for (const change of changes) this.journal.add(change);
    if (changes.length > 0 || event.started > 0) this.#wantForecast();
  }

  /** To be told of every forecast of the queue. */
  onForecast(forecast: QueueForecast): void {
    if (!this.#isAwake) return;
    const { madeAtMs, replications, finishAtMs, lastStartAtMs, timeouts, runs } = forecast;
    const sums = { madeAtMs, replications, finishAtMs, lastStartAtMs, timeouts, runs: runs.length };
    this.journal.add({ kind: 'forecast', forecast: sums });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSleep();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#triggers.stop();
  }

  async #wakeUp(): Promise<void> {
    this.#isAwake = true;
    this.#runs.begin(this.#parts.view());
    this.#openTestRuns.clear();
    await this.#policies.begin();
  }

  #close(name: string): void {
    const left = (this.#readers.get(name) ?? 1) - 1;
    if (left > 0) this.#readers.set(name, left);
    else this.#readers.delete(name);
    if (this.#readers.size > 0 || this.#stopped) return;
    const { clock } = this.#parts;
    this.#cancelSleep();
    this.#cancelSleep = clock.at(clock.nowMs() + LINGER_MS, () => this.#sleep());
  }

  #sleep(): void {
    if (this.#readers.size > 0) return;
    this.#isAwake = false;
    this.#awake = null;
    this.#forget();
    this.journal.break();
  }

  #forget(): void {
    this.#policiesChanged = false;
    this.#testRuns.clear();
    this.#occurrences.clear();
  }

  /** What others changed was not heard for a while. */
  #missed(): void {
    if (!this.#isAwake) return;
    this.#policiesChanged = true;
    this.journal.break();
    this.#triggers.wake();
  }

  #noted(): void {
    if (!this.#isAwake) {
      this.#forget();
      return;
    }
    if (this.#testRuns.size + this.#occurrences.size > DIRTY_MAX) {
      this.#forget();
      this.#policiesChanged = true;
      this.journal.break();
    }
    this.#triggers.wake();
  }

  async #pass(): Promise<void> {
    try {
      await this.#awake;
      if (this.#policiesChanged) {
        this.#policiesChanged = false;
        for (const change of await this.#policies.since()) this.journal.add(change);
      }
      await this.#tellTestRuns();
      await this.#tellOccurrences();
    } catch (error) {
      // What was to be read is not known any more: whoever follows looks at the whole.
      this.#parts.log.warn({ error: errorText(error) }, 'Changes could not be read');
      this.#policiesChanged = true;
      this.journal.break();
    }
  }

  async #tellTestRuns(): Promise<void> {
    const ids = [...this.#testRuns];
    this.#testRuns.clear();
    for (const id of ids) {
      const testRun = await this.#parts.store.testRuns.testRun(id);
      const project = testRun?.project ?? this.#openTestRuns.get(id);
      if (testRun?.endedAtMs === null) this.#openTestRuns.set(id, testRun.project);
      else this.#openTestRuns.delete(id);
      if (testRun !== null) this.journal.add({ kind: 'test-run', testRun: viewOf(testRun) });
      else if (project !== undefined) this.journal.add({ kind: 'gone', what: 'test-run', id, project });
    }
  }

  async #tellOccurrences(): Promise<void> {
    const { store, registry } = this.#parts;
    const refs = [...this.#occurrences.values()];
    this.#occurrences.clear();
    for (const { identity, key } of refs) {
      const occurrence = await store.launches.occurrence(identity, key);
      const [policy] = await registry.records([identity]);
      if (occurrence === null || policy === undefined) continue;
      const counts = await store.launches.counts(identity, [key]);
      const view = occurrenceView(occurrence, counts);
      this.journal.add({ kind: 'occurrence', policy: policy.policy.name, occurrence: view });
    }
  }

  #wantForecast(): void {
    const { clock, penstock } = this.#parts;
    const nowMs = clock.nowMs();
    const isDue = nowMs >= this.#forecastAtMs || this.#forecastAtMs > nowMs + FORECAST_EVERY_MS;
    if (this.#forecasting || !isDue || this.#readers.size === 0) return;
    this.#forecasting = true;
    this.#forecastAtMs = nowMs + FORECAST_EVERY_MS;
    boundedWait({ clock, limitMs: FORECAST_WITHIN_MS, what: 'The forecast' }, (signal) =>
      penstock.queue(signal),
    )
      // Whoever asks for it himself is told why there is none.
      .catch(() => {})
      .finally(() => {
        this.#forecasting = false;
      });
  }
}

function streamsFull(own: number, nowMs: number): CodedError {
  const whose = own >= READERS_MAX_OF_ONE ? `of yours are open, ${READERS_MAX_OF_ONE}` : 'are open';
  return new CodedError(
    'streams-full',
    `As many streams of events ${whose} as there may be; close one, or come again in a moment.`,
    { retry: { afterMs: AGAIN_AFTER_MS, atMs: nowMs + AGAIN_AFTER_MS } },
  );
}
