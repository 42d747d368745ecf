/** Starting runs: once, in time, and with timeouts that count from the start. */
import { expect, test } from 'vitest';
import { runId } from '../../src/core/model/run.ts';
import { DEADLINE_MS, type EngineWorld, never, present } from './engine-world.ts';

export function startTests(world: EngineWorld): void {
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

export function timeoutTests(world: EngineWorld): void {
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
