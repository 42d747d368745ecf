/**
 * The acceptance tests of the Tekton side that need a gauge which lies about its age, or runs
 * by the thousand: b, m and o. How fast it is, `npm run bench` tells.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { QueryAnswer } from '../../../../src/adapters/prometheus/instant-query.ts';
import type {
  ApiOutcome,
  ApiRequest,
  Cluster,
  StreamOutcome,
} from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { budgetedWriter } from '../../../../src/adapters/tekton/kubernetes/writer/budgeted-writer.ts';
import { RunNotes } from '../../../../src/adapters/tekton/notes/run-notes.ts';
import { type SeenRun, seenRun } from '../../../../src/adapters/tekton/runs/seen-run.ts';
import type { RunId } from '../../../../src/core/model/run.ts';
import type { RunNote } from '../../../../src/ports/engine.ts';
import { LoopRig } from '../../../app/admission/loop-rig.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { SILENT } from '../kubernetes/place.ts';
import { rawRun } from '../raw-run.ts';
import { PenstockWorld } from './penstock-world.ts';
import { isDone, isPending } from './witness.ts';

const HELD = 10_000;

describe('b: a gauge that is late though its scrape is fresh', () => {
  /** Tekton up to v1.9 refreshes its gauge each 30 s; here everything goes twenty times as fast. */
  const LATE_MS = 1_500;
  const CAP = 10;
  /** Seen by the gauge alone. */
  const OTHERS = 4;

  let world: PenstockWorld;
  afterEach(() => world.dispose());

  test.each([
    ['counts held runs', true],
    ['leaves held runs out', false],
  ])('and %s: never above the cap, and all run', async (_, countsHeld) => {
    world = await PenstockWorld.open();
    const truths: { readonly atMs: number; readonly units: number }[] = [];
    world.server.store.subscribe(() => {
      const counted = world.server.store
        .list('pipelineruns')
        .filter((run) => !isDone(run) && (countsHeld || !isPending(run)));
      truths.push({ atMs: Date.now(), units: counted.length });
    });
    const shown = (): QueryAnswer => {
      const nowMs = Date.now();
      const units = truths.findLast(({ atMs }) => atMs <= nowMs - LATE_MS)?.units ?? 0;
      const series = [{ labels: {}, value: units + OTHERS }];
      return { kind: 'series', series, evaluatedAtMs: nowMs, answeredAtMs: nowMs, roundTripMs: 0 };
    };
    for (let i = 0; i < 60; i += 1) world.create(`build-${i}`);
    const use = {
      query: 'running',
      of: { kind: 'pool', pool: 'runs' },
      scrapeTimesOf: 'running',
      pools: null,
      countsPending: 'auto',
      whenEmpty: 'doubt',
      lateMs: LATE_MS,
    } as const;
    await world.begin({ pools: { runs: CAP }, metered: { use: [use], monitoring: shown } });
    await world.until('all to succeed', () => world.succeeded() === 60);
    expect(world.witness.peak()).toBeLessThanOrEqual(CAP - OTHERS);
    expect(world.witness.peak()).toBeGreaterThan(1);
  });
});

test('m: with 10,000 held, one pass starts as many as fit and can be sent, not one', async () => {
  const concurrency = 64;
  const rig = new LoopRig({ slots: HELD, settings: { startConcurrency: concurrency, maxHeld: HELD } });
  for (let i = 0; i < HELD; i += 1) rig.hold(`run-${i}`);
  await rig.begin();
  let passes = 0;
  while (rig.asked.length < HELD / 4) {
    await rig.pass(100);
    passes = rig.told('pass-finished').length;
    expect(passes).toBeLessThan(HELD);
  }
  const [first] = rig.told('pass-finished');
  expect(first).toMatchObject({ started: concurrency * 3 });
  // Kueue admits one from each queue in a cycle.
  expect(rig.asked.length / passes).toBeGreaterThan(concurrency);
  expect(new Set(rig.asked).size).toBe(rig.asked.length);
});

test('o: 10,000 held whose positions all change each second: writes stay within the budget, the front first', async () => {
  const PER_SECOND = 5;
  const BURST = 10;
  const SECONDS = 60;
  const time = new ManualTime();
  const runs = new Map<RunId, SeenRun>();
  for (let i = 0; i < HELD; i += 1) {
    const run = waiting(i);
    runs.set(run.id, run);
  }
  const writes: ApiRequest[] = [];
  const cluster = new WritableCluster((request) => {
    writes.push(request);
    const uid = metadataOf(request).uid;
    const run = [...runs.values()].find((one) => one.uid === uid);
    const { 'penstock.dev/reason': reason, 'penstock.dev/position': position } =
      metadataOf(request).annotations ?? {};
    if (run === undefined || reason === undefined || position === undefined) return;
    runs.set(run.id, { ...run, notes: { reason, position } });
  });
  const writer = budgetedWriter({ cluster, perSecond: PER_SECOND, burst: BURST, log: SILENT, time });
  const clock = { nowMs: () => time.wallMs(), at: () => () => undefined };
  const notes = new RunNotes({ writer, clock, run: (id) => runs.get(id) ?? null, waitingMax: 6 });
  const ids = [...runs.keys()];
  for (let second = 0; second < SECONDS; second += 1) {
    // The queue turns round: whoever was first is last.
    const queue = ids.map((_, i) => ids[(i + second * 997) % ids.length] as RunId);
    notes.explain(queue.map(noteAt));
    for (let part = 0; part < 10; part += 1) {
      time.pass(100);
      await turn();
    }
    expect(writes.length).toBeLessThanOrEqual(BURST + PER_SECOND * (second + 1));
  }
  expect(writes.length).toBeGreaterThan((PER_SECOND * SECONDS) / 2);
  // Each round it was those at the front who were told; nobody far behind them.
  const positions = writes.flatMap((write) => metadataOf(write).annotations?.['penstock.dev/position'] ?? []);
  expect(positions.length).toBeGreaterThan(0);
  expect(Math.max(...positions.map(Number))).toBeLessThanOrEqual(10);
  await writer.close();
});

function waiting(index: number): SeenRun {
  const name = `run-${index}`;
  const raw = rawRun({
    name,
    uid: `${index.toString().padStart(8, '0')}-uid`,
    spec: { status: 'PipelineRunPending' },
  });
  const needs = { requests: { runs: 1 }, priority: null, faults: [] };
  return seenRun(raw, { contentHash: 'same', needs }, { defaultTimeoutMs: null });
}

function noteAt(id: RunId, index: number): RunNote {
  const position = index + 1;
  const because = 'runs is full';
  return { id, because, reasonKey: 'pool-full runs', position, startsAtMs: null, finishesAtMs: null };
}

interface Metadata {
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function metadataOf({ body }: ApiRequest): Metadata {
  return (body as { readonly metadata?: Metadata }).metadata ?? {};
}

/** An API server that takes whatever is written, and has nothing to read. */
class WritableCluster implements Cluster {
  readonly server = 'https://127.0.0.1';
  readonly namespace = 'default';
  readonly #written: (request: ApiRequest) => void;

  constructor(written: (request: ApiRequest) => void) {
    this.#written = written;
  }

  request(request: ApiRequest): Promise<ApiOutcome> {
    this.#written(request);
    return Promise.resolve({ kind: 'ok', status: 200, body: {}, serverDateMs: null });
  }

  stream(): Promise<StreamOutcome> {
    return Promise.resolve({ kind: 'unsent', why: 'there is nothing to read' });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
