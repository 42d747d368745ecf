/** Cancelling, and what a crash of Penstock may not change. */
import { expect, test } from 'vitest';
import { runId } from '../../src/core/model/run.ts';
import { type EngineWorld, find, never } from './engine-world.ts';

export function cancelTests(world: EngineWorld): void {
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
      { kind: 'exists', id },
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

export function crashTests(world: EngineWorld): void {
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
