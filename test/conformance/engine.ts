/**
 * What every engine must do, whether its work is real processes, a cluster or a
 * simulation. A suite for one engine is a call of `engineConformance` with a harness;
 * the checks look only at what the engine shows and at whether work was executed.
 *
 * Time is the engine's own: a harness of a simulated engine advances it, a harness of a
 * real one waits. No check asserts how long something took in the world outside.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isFinished, type RunId, runId } from '../../src/core/model/run.ts';
import type { Engine, NewRun, Observation, ObservedRun, StartOutcome } from '../../src/ports/engine.ts';

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

const never = new AbortController().signal;
const DEADLINE_MS = 60_000;
const TEST_TIMEOUT_MS = 60_000;

export function engineConformance(name: string, open: () => Promise<EngineHarness>): void {
  describe(`every engine: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    const world = new World(open);
    beforeEach(() => world.begin());
    afterEach(() => world.end());
    describe('create', () => createTests(world));
    describe('start', () => startTests(world));
    describe('observe', () => observeTests(world));
    describe('cancel', () => cancelTests(world));
    describe('timeouts', () => timeoutTests(world));
    describe('crash', () => crashTests(world));
  });
}

/** The harness of the test that runs now, with the verbs the tests speak in. */
class World {
  readonly #open: () => Promise<EngineHarness>;
  #harness: EngineHarness | null = null;

  constructor(open: () => Promise<EngineHarness>) {
    this.#open = open;
  }

  async begin(): Promise<void> {
    this.#harness = await this.#open();
  }

  async end(): Promise<void> {
    await this.#harness?.dispose();
    this.#harness = null;
  }

  get harness(): EngineHarness {
    if (this.#harness === null) throw new Error('no harness is open');
    return this.#harness;
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  aRun(id: string, work: Work, changes: Partial<NewRun> = {}): NewRun {
    return {
      id: runId(id),
      project: 'shop',
      tenant: 'retail',
      priority: 'normal',
      requests: { runs: 1 },
      content: this.harness.content(work),
      params: {},
      timeoutMs: null,
      ...changes,
    };
  }

  async held(id: string, work: Work, changes: Partial<NewRun> = {}): Promise<RunId> {
    const outcomes = await this.engine.create([this.aRun(id, work, changes)], never);
    expect(outcomes).toEqual([{ kind: 'created' }]);
    return runId(id);
  }

  start(id: RunId): Promise<StartOutcome> {
    return this.engine.start(id, { deadlineMs: this.harness.nowMs() + DEADLINE_MS }, never);
  }

  async started(id: RunId): Promise<void> {
    expect(await this.start(id)).toEqual({ kind: 'accepted' });
  }

  async running(id: RunId): Promise<ObservedRun> {
    await this.started(id);
    return this.becomes(id, (run) => run.state === 'running');
  }

  /** Executing in earnest: not only observed running, but its work has begun. */
  async executing(id: RunId): Promise<void> {
    await this.running(id);
    let begun = 0;
    while (begun === 0) {
      await this.becomes(id, (run) => run.state === 'running');
      begun = await this.harness.executions(id);
    }
  }

  ended(id: RunId): Promise<ObservedRun> {
    return this.becomes(id, (run) => isFinished(run.state));
  }

  async becomes(id: RunId, condition: (run: ObservedRun) => boolean): Promise<ObservedRun> {
    const observation = await this.harness.until((seen) => {
      const run = find(seen, id);
      return run !== undefined && condition(run);
    });
    return present(find(observation, id));
  }

  observe(): Promise<Observation> {
    return this.engine.observe({ fresh: true }, never);
  }

  async see(id: RunId): Promise<ObservedRun | undefined> {
    return find(await this.observe(), id);
  }
}

function find(observation: Observation, id: RunId): ObservedRun | undefined {
  const found = observation.runs.filter((run) => run.id === id);
  expect(found.length, `${id} is listed once at most`).toBeLessThanOrEqual(1);
  return found[0];
}

function present(run: ObservedRun | undefined): ObservedRun {
  if (run === undefined) throw new Error('the run is not observed');
  return run;
}

function createTests(world: World): void {
  test('a created run is held, shows what was asked, and is not executed', async () => {
    const before = world.harness.nowMs();
    const id = await world.held('made-1', 'succeeds', {
      priority: 'urgent',
      requests: { runs: 1, 'linux/arm64': 2 },
      timeoutMs: 5_000_000,
    });
    await world.harness.passUntil(before + world.harness.shortMs);
    const run = present(await world.see(id));
    expect(run).toMatchObject({
      id,
      project: 'shop',
      tenant: 'retail',
      priority: 'urgent',
      requests: { runs: 1, 'linux/arm64': 2 },
      timeoutMs: 5_000_000,
      state: 'held',
      ours: true,
      startedAtMs: null,
      finishedAtMs: null,
      result: null,
    });
    expect(run.heldSinceMs).toBeGreaterThanOrEqual(before);
    expect(run.heldSinceMs).toBeLessThanOrEqual(world.harness.nowMs());
    expect(await world.harness.executions(id)).toBe(0);
  });

  test('creating the very same run again answers that it exists and makes no second one', async () => {
    const run = world.aRun('same-1', 'succeeds');
    expect(await world.engine.create([run], never)).toEqual([{ kind: 'created' }]);
    expect(await world.engine.create([run], never)).toEqual([{ kind: 'exists' }]);
    expect((await world.observe()).runs.filter((seen) => seen.id === run.id)).toHaveLength(1);
  });

  test('a retried creation of a run that has finished does not bring it back', async () => {
    const id = await world.held('same-2', 'succeeds');
    await world.started(id);
    await world.ended(id);
    expect(await world.engine.create([world.aRun('same-2', 'succeeds')], never)).toEqual([
      { kind: 'exists' },
    ]);
    expect((await world.see(id))?.state).toBe('succeeded');
    expect(await world.harness.executions(id)).toBe(1);
  });

  test('the same id with other content is a conflict and changes nothing', async () => {
    const id = await world.held('clash-1', 'succeeds');
    const hash = (await world.see(id))?.contentHash;
    expect(await world.engine.create([world.aRun('clash-1', 'fails')], never)).toEqual([
      { kind: 'conflict' },
    ]);
    expect((await world.see(id))?.contentHash).toBe(hash);
  });

  test('outcomes come in the order asked', async () => {
    await world.held('order-2', 'succeeds');
    const asked = ['order-1', 'order-2', 'order-3'].map((id) => world.aRun(id, 'succeeds'));
    expect(await world.engine.create(asked, never)).toEqual([
      { kind: 'created' },
      { kind: 'exists' },
      { kind: 'created' },
    ]);
  });

  test('a conflict in a batch leaves all of it uncreated', async () => {
    await world.held('batch-2', 'succeeds');
    const outcomes = await world.engine.create(
      [world.aRun('batch-1', 'succeeds'), world.aRun('batch-2', 'fails'), world.aRun('batch-3', 'succeeds')],
      never,
    );
    expect(outcomes).toEqual([{ kind: 'skipped' }, { kind: 'conflict' }, { kind: 'skipped' }]);
    expect(await world.see(runId('batch-1'))).toBeUndefined();
    expect(await world.see(runId('batch-3'))).toBeUndefined();
  });

  test('content that is not valid is refused with a coded error and nothing of the batch is created', async () => {
    const invalid = world.harness.invalidContent();
    if (invalid === null) return;
    const batch = [
      world.aRun('valid-1', 'succeeds'),
      world.aRun('invalid-1', 'succeeds', { content: invalid }),
    ];
    await expect(world.engine.create(batch, never)).rejects.toMatchObject({ name: 'CodedError' });
    expect((await world.observe()).runs).toEqual([]);
  });

  test('equal content has an equal hash, other content another', async () => {
    const ids = [await world.held('hash-1', 'succeeds'), await world.held('hash-2', 'succeeds')];
    const other = await world.held('hash-3', 'fails');
    const hashes = await Promise.all(ids.map(async (id) => (await world.see(id))?.contentHash));
    expect(hashes[0]).toBe(hashes[1]);
    expect((await world.see(other))?.contentHash).not.toBe(hashes[0]);
  });
}

function startTests(world: World): void {
  test('a started run runs, succeeds, and was executed exactly once', async () => {
    const id = await world.held('go-1', 'succeeds');
    const before = world.harness.nowMs();
    await world.started(id);
    const run = await world.ended(id);
    expect(run.state).toBe('succeeded');
    expect(run.result).toMatchObject({ outcome: 'succeeded', reason: null });
    expect(run.startedAtMs).toBeGreaterThanOrEqual(before);
    expect(run.finishedAtMs).toBeGreaterThanOrEqual(run.startedAtMs ?? Number.POSITIVE_INFINITY);
    expect(run.finishedAtMs).toBeLessThanOrEqual(world.harness.nowMs());
    expect(await world.harness.executions(id)).toBe(1);
  });

  test('a run whose work fails is failed and says why', async () => {
    const id = await world.held('go-2', 'fails');
    await world.started(id);
    const run = await world.ended(id);
    expect(run.state).toBe('failed');
    expect(run.result?.reason).toMatch(/^.+$/);
  });

  test('a second start is refused while it runs and after it finished', async () => {
    const id = await world.held('twice-1', 'waits');
    await world.started(id);
    expect((await world.start(id)).kind).toBe('refused');
    await world.becomes(id, (run) => run.state === 'running');
    expect((await world.start(id)).kind).toBe('refused');
    await world.harness.letEnd(id);
    await world.ended(id);
    expect((await world.start(id)).kind).toBe('refused');
    expect(await world.harness.executions(id)).toBe(1);
  });

  test('of 20 simultaneous starts of one run exactly one is accepted', async () => {
    const id = await world.held('crowd-1', 'succeeds');
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.start(id)));
    expect(answers.filter((answer) => answer.kind === 'accepted')).toHaveLength(1);
    expect(answers.filter((answer) => answer.kind === 'refused')).toHaveLength(19);
    await world.ended(id);
    expect(await world.harness.executions(id)).toBe(1);
  });

  test('a run nobody created cannot be started', async () => {
    expect((await world.start(runId('nobody-1'))).kind).toBe('refused');
    expect((await world.observe()).runs).toEqual([]);
  });

  test('a start after its deadline is refused, the run stays held, and a later start works', async () => {
    const id = await world.held('late-1', 'succeeds');
    const answer = await world.engine.start(id, { deadlineMs: world.harness.nowMs() - 1 }, never);
    expect(answer.kind).toBe('refused');
    expect((await world.see(id))?.state).toBe('held');
    expect(await world.harness.executions(id)).toBe(0);
    await world.started(id);
    expect((await world.ended(id)).state).toBe('succeeded');
  });

  test('a run of somebody else is observed but never started', async () => {
    const id = await world.harness.createForeign();
    if (id === null) return;
    expect(present(await world.see(id)).ours).toBe(false);
    expect((await world.start(id)).kind).toBe('refused');
  });
}

function observeTests(world: World): void {
  test('an engine with nothing in it shows nothing', async () => {
    expect((await world.observe()).runs).toEqual([]);
  });

  test('a fresh observation reflects the answered writes before it', async () => {
    const id = await world.held('fresh-1', 'waits');
    expect((await world.see(id))?.state).toBe('held');
    await world.started(id);
    expect(['starting', 'running']).toContain((await world.see(id))?.state);
    const other = await world.held('fresh-2', 'waits');
    await world.engine.cancel(other, 'not needed', never);
    expect((await world.see(other))?.state).toBe('cancelled');
  });

  test('revisions grow from one observation to the next, whatever happened between', async () => {
    const revisions: number[] = [(await world.observe()).revision];
    const id = await world.held('rev-1', 'succeeds');
    revisions.push((await world.observe()).revision);
    await world.started(id);
    revisions.push((await world.observe()).revision);
    await world.ended(id);
    revisions.push((await world.observe()).revision);
    for (let i = 1; i < revisions.length; i += 1) {
      expect(revisions[i]).toBeGreaterThan(revisions[i - 1] ?? Number.POSITIVE_INFINITY);
    }
  });

  test('start time, end time and result are set exactly when they are known', async () => {
    const id = await world.held('facts-1', 'waits');
    expect(present(await world.see(id))).toMatchObject({
      startedAtMs: null,
      finishedAtMs: null,
      result: null,
    });
    const running = await world.running(id);
    expect(running.startedAtMs).not.toBeNull();
    expect(running).toMatchObject({ finishedAtMs: null, result: null });
    await world.harness.letEnd(id);
    const ended = await world.ended(id);
    expect(ended.startedAtMs).toBe(running.startedAtMs);
    expect(ended.finishedAtMs).not.toBeNull();
    expect(ended.result?.outcome).toBe('succeeded');
    const usage = ended.result?.usage ?? null;
    if (usage !== null) {
      expect(usage.cpuSeconds).toBeGreaterThanOrEqual(0);
      expect(usage.peakMemoryBytes).toBeGreaterThanOrEqual(0);
    }
  });

  test('what a run asks for and since when it is held stay the same all its life', async () => {
    const id = await world.held('stable-1', 'succeeds', { requests: { runs: 1, licence: 3 } });
    const held = present(await world.see(id));
    await world.started(id);
    const ended = await world.ended(id);
    expect(ended.requests).toEqual({ runs: 1, licence: 3 });
    expect(ended.heldSinceMs).toBe(held.heldSinceMs);
    expect(ended.contentHash).toBe(held.contentHash);
  });

  test('a finished run stays observed until it is forgotten, and then is gone', async () => {
    const id = await world.held('keep-1', 'succeeds');
    const held = await world.held('keep-2', 'succeeds');
    await world.started(id);
    await world.ended(id);
    expect((await world.see(id))?.state).toBe('succeeded');
    const { forget } = world.engine.can;
    if (forget === undefined) return;
    await forget([id]);
    expect(await world.see(id)).toBeUndefined();
    expect((await world.see(held))?.state).toBe('held');
    await forget([id]);
    expect((await world.start(id)).kind).toBe('refused');
  });

  test('forgetting a run that has not finished changes nothing', async () => {
    const id = await world.held('keep-3', 'succeeds');
    const { forget } = world.engine.can;
    if (forget === undefined) return;
    await forget([id, runId('nobody-2')]);
    expect((await world.see(id))?.state).toBe('held');
  });

  test('a subscriber can come and go', async () => {
    const unsubscribe = world.engine.onChange(() => undefined);
    await world.held('watch-1', 'succeeds');
    unsubscribe();
    expect((await world.see(runId('watch-1')))?.state).toBe('held');
  });
}

function cancelTests(world: World): void {
  test('a cancelled held run ends cancelled with the reason and never ran', async () => {
    const id = await world.held('stop-1', 'succeeds');
    expect(await world.engine.cancel(id, 'superseded by stop-2', never)).toEqual({ kind: 'accepted' });
    const run = await world.ended(id);
    expect(run).toMatchObject({
      state: 'cancelled',
      startedAtMs: null,
      result: { outcome: 'cancelled', reason: 'superseded by stop-2' },
    });
    expect(run.finishedAtMs).toBeGreaterThanOrEqual(run.heldSinceMs);
    expect(await world.harness.executions(id)).toBe(0);
  });

  test('a cancelled run is never revived, neither by start nor by creating it again', async () => {
    const id = await world.held('stop-3', 'succeeds');
    await world.engine.cancel(id, 'not needed', never);
    expect((await world.start(id)).kind).toBe('refused');
    expect(await world.engine.create([world.aRun('stop-3', 'succeeds')], never)).toEqual([
      { kind: 'exists' },
    ]);
    expect((await world.start(id)).kind).toBe('refused');
    expect((await world.see(id))?.state).toBe('cancelled');
    expect(await world.harness.executions(id)).toBe(0);
  });

  test('a cancelled running run ends cancelled though its work would go on', async () => {
    const id = await world.held('stop-4', 'waits');
    await world.executing(id);
    expect(await world.engine.cancel(id, 'asked by ann', never)).toEqual({ kind: 'accepted' });
    const run = await world.ended(id);
    expect(run).toMatchObject({
      state: 'cancelled',
      result: { outcome: 'cancelled', reason: 'asked by ann' },
    });
    expect(run.startedAtMs).not.toBeNull();
  });

  test('a start and a cancel at the same moment leave it cancelled or refuse nothing twice', async () => {
    const id = await world.held('stop-5', 'waits');
    const [start, cancel] = await Promise.all([
      world.start(id),
      world.engine.cancel(id, 'not needed', never),
    ]);
    expect(['accepted', 'refused']).toContain(start.kind);
    expect(cancel.kind).toBe('accepted');
    expect((await world.ended(id)).state).toBe('cancelled');
    expect((await world.start(id)).kind).toBe('refused');
    expect(await world.harness.executions(id)).toBeLessThanOrEqual(1);
  });

  test('cancelling a finished run answers that it has finished and keeps its outcome', async () => {
    const id = await world.held('stop-6', 'succeeds');
    await world.started(id);
    await world.ended(id);
    expect(await world.engine.cancel(id, 'too late', never)).toEqual({ kind: 'finished' });
    expect((await world.see(id))?.state).toBe('succeeded');
  });

  test('cancelling a run nobody created answers that it is missing', async () => {
    expect(await world.engine.cancel(runId('nobody-3'), 'not needed', never)).toEqual({ kind: 'missing' });
  });
}

function timeoutTests(world: World): void {
  test('waiting is free: a timeout counts from the start and not from creation', async () => {
    const timeoutMs = world.harness.shortMs;
    const id = await world.held('slow-1', 'waits', { timeoutMs });
    await world.harness.passUntil(world.harness.nowMs() + 2 * timeoutMs);
    expect((await world.see(id))?.state).toBe('held');
    await world.started(id);
    const run = await world.ended(id);
    expect(run.state).toBe('timed-out');
    expect(run.result?.reason).toMatch(/timeout/);
    const ranMs = (run.finishedAtMs ?? Number.NaN) - (run.startedAtMs ?? Number.NaN);
    expect(ranMs).toBeGreaterThanOrEqual(timeoutMs);
  });

  test('a run that ends within its timeout is not touched by it', async () => {
    const id = await world.held('slow-2', 'succeeds', { timeoutMs: DEADLINE_MS });
    await world.started(id);
    expect((await world.ended(id)).state).toBe('succeeded');
  });
}

function crashTests(world: World): void {
  test('after a crash what is held, running and finished is all there', async () => {
    const held = await world.held('crash-1', 'succeeds');
    const finished = await world.held('crash-2', 'fails');
    const running = await world.held('crash-3', 'waits');
    await world.started(finished);
    await world.ended(finished);
    const before = await world.running(running);
    const last = await world.observe();
    await world.harness.reopen();
    const after = await world.observe();
    expect(after.revision).toBeGreaterThan(last.revision);
    expect(find(after, held)).toEqual(find(last, held));
    expect(find(after, finished)).toEqual(find(last, finished));
    expect(find(after, running)).toMatchObject({ state: 'running', startedAtMs: before.startedAtMs });
    await world.harness.letEnd(running);
    expect((await world.ended(running)).state).toBe('succeeded');
    expect(await world.harness.executions(running)).toBe(1);
  });

  test('a start accepted just before a crash is not repeated after it', async () => {
    const id = await world.held('crash-4', 'succeeds');
    await world.started(id);
    await world.harness.reopen();
    expect((await world.start(id)).kind).toBe('refused');
    expect((await world.ended(id)).state).toBe('succeeded');
    expect(await world.harness.executions(id)).toBe(1);
  });

  test('a run cancelled before a crash stays cancelled after it', async () => {
    const id = await world.held('crash-5', 'succeeds');
    await world.engine.cancel(id, 'not needed', never);
    await world.harness.reopen();
    expect((await world.see(id))?.state).toBe('cancelled');
    expect((await world.start(id)).kind).toBe('refused');
  });
}
