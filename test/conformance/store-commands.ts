/**
 * The same commands in any order on a store and on a model of it: after each one both must
 * say the same. The model is plain lists with the meaning written out, quadratic and short,
 * so that it can be read and believed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runId } from '../../src/core/model/run.ts';
import type { ClassStart, Grant } from '../../src/core/model/snapshot.ts';
import type {
  AuditEntry,
  ControlOrder,
  Controls,
  FinishedRun,
  ForecastOutcome,
  ForecastRecord,
  StartMark,
  Store,
} from '../../src/ports/store.ts';
import { aFinishedRun, aForecast, allPages } from './store-builders.ts';
import { afterOrder, anOrder } from './store-order-model.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const SEQUENCES = 25;
const COMMANDS_MAX = 40;

interface Model {
  marks: readonly StartMark[];
  grants: readonly Grant[];
  classStarts: readonly ClassStart[];
  finished: readonly FinishedRun[];
  controls: Controls;
  audit: readonly AuditEntry[];
  forecasts: readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[];
}

interface Real {
  store: Store;
  readonly reopen: () => Promise<Store>;
}

type Command = fc.AsyncCommand<Model, Real>;

export function storeCommands(open: () => Promise<StoreUnderTest>): void {
  test('it agrees with the model after any sequence of commands', async () => {
    const sequences = fc.commands(commandKinds(), { maxCommands: COMMANDS_MAX, size: 'max' });
    await fc.assert(
      fc.asyncProperty(sequences, async (commands) => {
        const opened = await open();
        const controls = { pauses: [], caps: [], fronts: [] };
        const rest = { classStarts: [], finished: [], forecasts: [], controls, audit: [] };
        const model: Model = { marks: [], grants: [], ...rest };
        try {
          const setup = () => ({ model, real: { store: opened.store, reopen: () => opened.reopen() } });
          await fc.asyncModelRun(setup, commands);
        } finally {
          await opened.dispose();
        }
      }),
      // A fixed seed: what this finds must be found again by everybody.
      { numRuns: SEQUENCES, seed: 20_260_801 },
    );
  });
}

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

/** Few ids and few instants, so that the same ones meet often. */
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h').map(runId);
const instants = fc.integer({ min: 0, max: 12 });
const names = fc.constantFrom('p', 'q', 'r');

function commandKinds(): fc.Arbitrary<Command>[] {
  return [
    ...admissionCommands(),
    ...controlCommands(),
    fc.array(finishedRuns(), { maxLength: 4 }).map(recordFinished),
    fc.record({ limit: fc.integer({ min: 1, max: 4 }) }).map(readPages),
    fc
      .record({ perSeries: fc.integer({ min: 1, max: 3 }), limit: fc.integer({ min: 1, max: 6 }) })
      .map(readSamples),
    fc.tuple(names, fc.uniqueArray(ids, { maxLength: 3 }), instants).map(saveForecast),
    fc.integer({ min: 100, max: 200 }).map(settleForecasts),
    fc.constant(
      command('reopen', async (_, real) => {
        real.store = await real.reopen();
      }),
    ),
  ];
}

function admissionCommands(): fc.Arbitrary<Command>[] {
  const marks = fc.array(fc.record({ runId: ids, markedAtMs: instants, deadlineMs: instants }), {
    maxLength: 3,
  });
  const grants = fc.uniqueArray(fc.record({ runId: ids, grantedAtMs: instants, promisedAtMs: instants }), {
    maxLength: 3,
    selector: (grant) => grant.runId,
  });
  const requests = fc.constantFrom({ runs: 1 }, { runs: 1, arm: 2 }, { arm: 2, runs: 1 });
  const starts = fc.array(fc.record({ tenant: names, priority: names, requests, atMs: instants }), {
    maxLength: 3,
  });
  return [
    marks.map(mark),
    fc.array(ids, { maxLength: 3 }).map(settle),
    grants.map(saveGrants),
    starts.map(saveClassStarts),
  ];
}

function controlCommands(): fc.Arbitrary<Command>[] {
  return [
    anOrder({ ids, instants, names }).map(order),
    fc.array(ids, { maxLength: 2 }).map(endFronts),
    fc.record({ limit: fc.integer({ min: 1, max: 4 }) }).map(readAudit),
  ];
}

function finishedRuns(): fc.Arbitrary<FinishedRun> {
  return fc
    .record({ id: ids, project: names, contentHash: names, start: fc.option(instants), length: instants })
    .map(({ id, project, contentHash, start, length }) =>
      aFinishedRun(id, { project, contentHash, startedAtMs: start, finishedAtMs: (start ?? 3) + length }),
    );
}

function mark(marks: readonly StartMark[]): Command {
  return command(`mark ${JSON.stringify(marks)}`, async (model, { store }) => {
    await store.mark(marks);
    for (const one of marks) {
      model.marks = [...model.marks.filter((known) => known.runId !== one.runId), one];
    }
    expect(await store.marks()).toEqual(model.marks.toSorted((a, b) => compare(a.runId, b.runId)));
  });
}

function settle(runIds: readonly FinishedRun['id'][]): Command {
  return command(`settle ${runIds.join()}`, async (model, { store }) => {
    await store.settle(runIds);
    model.marks = model.marks.filter((known) => !runIds.includes(known.runId));
    expect(await store.marks()).toEqual(model.marks.toSorted((a, b) => compare(a.runId, b.runId)));
  });
}

function saveGrants(grants: readonly Grant[]): Command {
  return command(`grants ${JSON.stringify(grants)}`, async (model, { store }) => {
    await store.saveGrants(grants);
    model.grants = grants;
    expect(await store.grants()).toEqual(model.grants);
  });
}

function saveClassStarts(starts: readonly ClassStart[]): Command {
  return command(`class starts ${JSON.stringify(starts)}`, async (model, { store }) => {
    await store.saveClassStarts(starts);
    for (const start of starts) {
      const known = model.classStarts.find((one) => classOf(one) === classOf(start));
      if (known !== undefined && known.atMs >= start.atMs) continue;
      model.classStarts = [...model.classStarts.filter((one) => one !== known), start];
    }
    const got = [...(await store.classStarts())];
    expect(got.map((start) => start.atMs)).toEqual(
      model.classStarts.map((start) => start.atMs).sort((a, b) => b - a),
    );
    expect(got.sort(byClass)).toEqual(model.classStarts.toSorted(byClass));
  });
}

function order(given: ControlOrder): Command {
  return command(`order ${JSON.stringify(given)}`, async (model, { store }) => {
    const entry = { atMs: 1, by: 'ann', what: given.kind, about: 'it', detail: `${model.audit.length}` };
    const after = afterOrder(model.controls, given);
    expect(await store.order(given, entry)).toBe(after !== null);
    if (after !== null) {
      model.controls = after;
      model.audit = [entry, ...model.audit];
    }
    expect(await store.controls()).toEqual(model.controls);
  });
}

function endFronts(runIds: readonly FinishedRun['id'][]): Command {
  return command(`end fronts ${runIds.join()}`, async (model, { store }) => {
    await store.endFronts(runIds);
    const fronts = model.controls.fronts.filter((front) => !runIds.includes(front.runId));
    model.controls = { ...model.controls, fronts };
    expect(await store.controls()).toEqual(model.controls);
  });
}

function readAudit({ limit }: { readonly limit: number }): Command {
  return command(`audit in pages of ${limit}`, async (model, { store }) => {
    const logged: AuditEntry[] = [];
    let before: string | null = null;
    do {
      const page = await store.audit({ limit, before });
      logged.push(...page.entries);
      before = page.next;
    } while (before !== null);
    expect(logged).toEqual(model.audit);
  });
}

function recordFinished(runs: readonly FinishedRun[]): Command {
  return command(`record ${JSON.stringify(runs)}`, async (model, { store }) => {
    const added: FinishedRun[] = [];
    for (const run of runs) {
      if (![...model.finished, ...added].some((known) => known.id === run.id)) added.push(run);
    }
    expect(await store.recordFinished(runs)).toEqual(added.map((run) => run.id));
    model.finished = [...model.finished, ...added];
    for (const run of runs) {
      expect(await store.finishedRun(run.id)).toEqual(model.finished.find((known) => known.id === run.id));
    }
  });
}

function readPages({ limit }: { readonly limit: number }): Command {
  return command(`pages of ${limit}`, async (model, { store }) => {
    const want = newestFirst(model.finished, (run) => run.finishedAtMs).map((run) => run.id);
    expect(await allPages(store, limit)).toEqual(want);
  });
}

function readSamples(query: { readonly perSeries: number; readonly limit: number }): Command {
  return command(`samples ${JSON.stringify(query)}`, async (model, { store }) => {
    const started = newestFirst(
      model.finished.filter((run) => run.startedAtMs !== null),
      (run) => run.startedAtMs ?? 0,
    );
    const wanted = started.filter((run, place) => {
      const newerOfSeries = started.slice(0, place).filter((other) => seriesOf(other) === seriesOf(run));
      return newerOfSeries.length < query.perSeries;
    });
    const got = await store.samples(query);
    expect(got.map((sample) => [sample.runId, sample.durationMs])).toEqual(
      wanted
        .slice(0, query.limit)
        .map((run) => [run.id, Math.max(1, run.finishedAtMs - (run.startedAtMs ?? 0))]),
    );
  });
}

function saveForecast([id, runIds, madeAtMs]: [string, FinishedRun['id'][], number]): Command {
  return command(`forecast ${id} about ${runIds.join()}`, async (model, { store }) => {
    const record = aForecast(id, runIds, { madeAtMs });
    await store.saveForecast(record);
    if (!model.forecasts.some((known) => known.record.id === id)) {
      model.forecasts = [...model.forecasts, { record, outcome: null }];
    }
    expect(await store.forecasts({ limit: 10 })).toEqual(
      newestFirst(model.forecasts, (forecast) => forecast.record.madeAtMs),
    );
  });
}

function settleForecasts(nowMs: number): Command {
  return command(`settle forecasts at ${nowMs}`, async (model, { store }) => {
    const outcomes: ForecastOutcome[] = [];
    model.forecasts = model.forecasts.map((forecast) => {
      const { id, runIds, madeAtMs } = forecast.record;
      const finished = model.finished.filter((run) => runIds.includes(run.id));
      if (forecast.outcome !== null || finished.length < runIds.length) return forecast;
      const finishes = finished.map((run) => run.finishedAtMs);
      const finishedAtMs = finishes.length === 0 ? madeAtMs : Math.max(...finishes);
      const outcome = { forecastId: id, settledAtMs: nowMs, finishedAtMs };
      outcomes.push(outcome);
      return { ...forecast, outcome };
    });
    expect(await store.settleForecasts(nowMs)).toEqual(
      outcomes.sort((a, b) => compare(a.forecastId, b.forecastId)),
    );
    expect(await store.forecasts({ limit: 10 })).toEqual(
      newestFirst(model.forecasts, (forecast) => forecast.record.madeAtMs),
    );
  });
}

/** Of equal instants the one that came later in the list is newer. */
function newestFirst<Item>(items: readonly Item[], atMs: (item: Item) => number): readonly Item[] {
  return items.toReversed().sort((a, b) => atMs(b) - atMs(a));
}

function seriesOf(run: FinishedRun): string {
  return `${run.project}/${run.contentHash}`;
}

function classOf(start: ClassStart): string {
  const requests = Object.entries(start.requests).sort(([a], [b]) => compare(a, b));
  return JSON.stringify([start.tenant, start.priority, requests]);
}

function byClass(a: ClassStart, b: ClassStart): number {
  return compare(classOf(a), classOf(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
