/** Observing: fresh, growing revisions, and finished runs until they are forgotten. */
import { expect, test } from 'vitest';
import { runId } from '../../src/core/model/run.ts';
import { type EngineWorld, never, present } from './engine-world.ts';

export function observeTests(world: EngineWorld): void {
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
    const id = await world.held('watch-1', 'succeeds');
    unsubscribe();
    expect((await world.see(id))?.state).toBe('held');
  });
}
