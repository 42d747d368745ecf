/** The occurrences and launches of the store in memory. */
import { assert } from '../../src/core/assert.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';
import type { RunId } from '../../src/core/model/run.ts';
import { Hints } from '../../src/ports/hints.ts';
import type {
  LaunchChange,
  LaunchCount,
  LaunchKey,
  LaunchPage,
  LaunchRecord,
  LaunchStore,
  OccurrencePage,
  OccurrenceRecord,
  OccurrenceRef,
  PlannedLaunch,
} from '../../src/ports/launch-store.ts';
import type { FinishedRun } from '../../src/ports/store.ts';

interface Kept<Value> {
  readonly seq: number;
  readonly value: Value;
}

export class MemoryLaunches implements LaunchStore {
  readonly changes = new Hints<readonly OccurrenceRef[]>();
  readonly #finished: (id: RunId) => FinishedRun | null;
  #progress: number | null = null;
  readonly #occurrences = new Map<string, Kept<OccurrenceRecord>>();
  readonly #launches = new Map<string, Kept<LaunchRecord>>();
  #seq = 0;

  constructor(finished: (id: RunId) => FinishedRun | null) {
    this.#finished = finished;
  }

  async progress(): Promise<number | null> {
    return this.#progress;
  }

  async saveProgress(lookedUntilMs: number): Promise<void> {
    this.#progress = lookedUntilMs;
  }

  async savePlan(occurrence: OccurrenceRecord, launches: readonly PlannedLaunch[]): Promise<void> {
    const { identity, key } = occurrence;
    const before = this.#occurrences.get(occurrenceId(identity, key));
    const createdAtMs = before?.value.createdAtMs ?? occurrence.createdAtMs;
    const seq = before?.seq ?? this.#nextSeq();
    this.#occurrences.set(occurrenceId(identity, key), { seq, value: { ...occurrence, createdAtMs } });
    for (const launch of launches) this.#plan({ identity, occurrenceKey: key }, launch);
    this.changes.tell([{ identity, key }]);
  }

  #nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  #plan(of: Pick<LaunchKey, 'identity' | 'occurrenceKey'>, launch: PlannedLaunch): void {
    const id = launchId({ ...of, ...launch });
    const there = this.#launches.get(id);
    if (there?.value.state === 'creating' || there?.value.state === 'launched') return;
    const { project, branch, atMs, expiresAtMs, state, reason } = launch;
    const planned = { ...of, project, branch, atMs, expiresAtMs, state, reason };
    const none = {
      askedId: null,
      runId: null,
      attempts: 0,
      launchedAtMs: null,
      outcome: null,
      endedAtMs: null,
    };
    const value = { ...none, ...there?.value, ...planned, retryAtMs: null };
    this.#launches.set(id, { seq: there?.seq ?? this.#nextSeq(), value });
  }

  async occurrence(identity: string, key: string): Promise<OccurrenceRecord | null> {
    return this.#occurrences.get(occurrenceId(identity, key))?.value ?? null;
  }

  async occurrencesFrom(startsAtMs: number): Promise<readonly OccurrenceRecord[]> {
    return [...this.#occurrences.values()]
      .filter(({ value }) => value.startsAtMs >= startsAtMs)
      .sort((a, b) => a.value.startsAtMs - b.value.startsAtMs || a.seq - b.seq)
      .map(({ value }) => value);
  }

  async launchesOf(identity: string, occurrenceKey: string): Promise<readonly LaunchRecord[]> {
    return this.#of(identity, occurrenceKey).map(({ value }) => value);
  }

  #of(identity: string, occurrenceKey: string): readonly Kept<LaunchRecord>[] {
    return this.#all((launch) => launch.identity === identity && launch.occurrenceKey === occurrenceKey);
  }

  /** In the order in which they were planned. */
  #all(fits: (launch: LaunchRecord) => boolean): readonly Kept<LaunchRecord>[] {
    return [...this.#launches.values()].filter(({ value }) => fits(value)).sort((a, b) => a.seq - b.seq);
  }

  async due(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return byMoment(
      this.#all(
        ({ state, atMs, retryAtMs }) => state === 'planned' && atMs <= nowMs && (retryAtMs ?? atMs) <= nowMs,
      ),
      limit,
    );
  }

  async unanswered(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return byMoment(
      this.#all(({ state, retryAtMs }) => state === 'creating' && (retryAtMs ?? nowMs) <= nowMs),
      limit,
    );
  }

  async nextAtMs(): Promise<number | null> {
    return earliest(
      [...this.#launches.values()].flatMap(({ value: { state, atMs, retryAtMs } }) => {
        if (state === 'planned') return [retryAtMs ?? atMs];
        return state === 'creating' && retryAtMs !== null ? [retryAtMs] : [];
      }),
    );
  }

  async expired(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return this.#all((launch) => goesOn(launch) && launch.expiresAtMs !== null && launch.expiresAtMs <= nowMs)
      .slice(0, limit)
      .map(({ value }) => value);
  }

  async nextExpiryMs(): Promise<number | null> {
    return earliest(this.#all(goesOn).flatMap(({ value: { expiresAtMs } }) => expiresAtMs ?? []));
  }

  async change(changes: readonly LaunchChange[]): Promise<number> {
    let changed = 0;
    for (const { key, from, to } of changes) {
      const there = this.#launches.get(launchId(key));
      if (there === undefined || there.value.state !== from) continue;
      this.#launches.set(launchId(key), { seq: there.seq, value: { ...there.value, ...to } });
      changed += 1;
      this.changes.tell([{ identity: key.identity, key: key.occurrenceKey }]);
    }
    return changed;
  }

  async settleFinished(): Promise<number> {
    let settled = 0;
    for (const { seq, value } of this.#all(goesOn)) {
      const run = value.runId === null ? null : this.#finished(value.runId);
      if (run === null) continue;
      const ended = { outcome: run.outcome, endedAtMs: run.finishedAtMs, reason: value.reason ?? run.reason };
      this.#launches.set(launchId(value), { seq, value: { ...value, ...ended } });
      settled += 1;
      this.changes.tell([{ identity: value.identity, key: value.occurrenceKey }]);
    }
    return settled;
  }

  async unsettled(launchedBeforeMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return this.#all(
      (launch) => goesOn(launch) && (launch.launchedAtMs ?? launchedBeforeMs) < launchedBeforeMs,
    )
      .slice(0, limit)
      .map(({ value }) => value);
  }

  async occurrences(
    identity: string,
    { limit, before }: { readonly limit: number; readonly before: string | null },
  ): Promise<OccurrencePage> {
    assert(limit >= 1 && limit <= 200, 'a page has 1 to 200 occurrences');
    const place = before === null ? null : placeOf(before);
    const rest = [...this.#occurrences.values()]
      .filter(({ value }) => value.identity === identity)
      .sort((a, b) => b.value.startsAtMs - a.value.startsAtMs || b.seq - a.seq)
      .filter(
        ({ seq, value: { startsAtMs } }) =>
          place === null || startsAtMs < place.atMs || (startsAtMs === place.atMs && seq < place.seq),
      );
    const last = rest.slice(0, limit).at(-1);
    const next = last !== undefined && rest.length > limit ? `${last.value.startsAtMs}-${last.seq}` : null;
    return { occurrences: rest.slice(0, limit).map(({ value }) => value), next };
  }

  async counts(identity: string, occurrenceKeys: readonly string[]): Promise<readonly LaunchCount[]> {
    const counts = new Map<string, LaunchCount>();
    for (const { value } of this.#all((launch) => launch.identity === identity)) {
      const { occurrenceKey, state, outcome } = value;
      if (!occurrenceKeys.includes(occurrenceKey)) continue;
      const id = JSON.stringify([occurrenceKey, state, outcome]);
      counts.set(id, { occurrenceKey, state, outcome, count: (counts.get(id)?.count ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  async launches(
    identity: string,
    occurrenceKey: string,
    { limit, after }: { readonly limit: number; readonly after: string | null },
  ): Promise<LaunchPage> {
    assert(limit >= 1 && limit <= 1000, 'a page has 1 to 1000 launches');
    const afterSeq = after === null ? 0 : seqOf(after);
    const rest = this.#of(identity, occurrenceKey).filter(({ seq }) => seq > afterSeq);
    const page = rest.slice(0, limit);
    return {
      launches: page.map(({ value }) => value),
      next: rest.length > limit ? `${page.at(-1)?.seq}` : null,
    };
  }

  async forgetBefore(startsAtMs: number): Promise<void> {
    for (const [id, { value }] of this.#occurrences) {
      const launches = this.#of(value.identity, value.key);
      const isOpen = launches.some(
        ({ value: launch }) => ['planned', 'creating'].includes(launch.state) || goesOn(launch),
      );
      if (value.startsAtMs >= startsAtMs || isOpen) continue;
      this.#occurrences.delete(id);
      for (const launch of launches) this.#launches.delete(launchId(launch.value));
    }
  }
}

function goesOn({ state, outcome }: LaunchRecord): boolean {
  return state === 'launched' && outcome === null;
}

function byMoment(launches: readonly Kept<LaunchRecord>[], limit: number): readonly LaunchRecord[] {
  return launches
    .toSorted((a, b) => a.value.atMs - b.value.atMs || a.seq - b.seq)
    .slice(0, limit)
    .map(({ value }) => value);
}

function earliest(moments: readonly number[]): number | null {
  return moments.length === 0 ? null : Math.min(...moments);
}

function occurrenceId(identity: string, key: string): string {
  return JSON.stringify([identity, key]);
}

function launchId({ identity, occurrenceKey, project, branch }: LaunchKey): string {
  return JSON.stringify([identity, occurrenceKey, project, branch]);
}

function placeOf(text: string): { readonly atMs: number; readonly seq: number } {
  const match = /^(-?\d{1,16})-(\d{1,16})$/.exec(text);
  if (match === null) throw notACursor('before');
  return { atMs: Number(match[1]), seq: Number(match[2]) };
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw notACursor('after');
}

function notACursor(field: string): CodedError {
  return new CodedError('request-invalid', `${field}: must be what an earlier page gave as next.`, { field });
}
