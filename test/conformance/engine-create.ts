/** Creating runs: held, all or none, once. */
import { expect, test } from 'vitest';
import { type EngineWorld, idOf, never, present } from './engine-world.ts';

export function createTests(world: EngineWorld): void {
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
    const [created] = await world.engine.create([run], never);
    const id = present(idOf(created));
    expect(created).toEqual({ kind: 'created', id });
    expect(await world.engine.create([run], never)).toEqual([{ kind: 'exists', id }]);
    expect((await world.observe()).runs.map((seen) => seen.id)).toEqual([id]);
  });

  test('a retried creation of a run that has finished does not bring it back', async () => {
    const id = await world.held('same-2', 'succeeds');
    await world.started(id);
    await world.ended(id);
    expect(await world.engine.create([world.aRun('same-2', 'succeeds')], never)).toEqual([
      { kind: 'exists', id },
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
    const second = await world.held('order-2', 'succeeds');
    const asked = ['order-1', 'order-2', 'order-3'].map((id) => world.aRun(id, 'succeeds'));
    const outcomes = await world.engine.create(asked, never);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['created', 'exists', 'created']);
    expect(idOf(outcomes[1])).toBe(second);
  });

  test('a conflict in a batch leaves all of it uncreated', async () => {
    await world.held('batch-2', 'succeeds');
    const outcomes = await world.engine.create(
      [world.aRun('batch-1', 'succeeds'), world.aRun('batch-2', 'fails'), world.aRun('batch-3', 'succeeds')],
      never,
    );
    expect(outcomes).toEqual([{ kind: 'skipped' }, { kind: 'conflict' }, { kind: 'skipped' }]);
    expect((await world.observe()).runs).toHaveLength(1);
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
