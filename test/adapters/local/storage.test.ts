/** The folder as the truth: starts that lapse, crashes in the middle of a creation, full and forbidden disks. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalEngine } from '../../../src/adapters/local/local-engine.ts';
import { runId } from '../../../src/core/model/run.ts';
import { aRun, LocalWorld, never, onePipeline, pipeline, task } from './local-world.ts';

let world: LocalWorld;
beforeEach(async () => {
  world = await LocalWorld.open({ graceMs: 300, keptRuns: 0 });
});
afterEach(() => world.dispose());

const data = (...path: readonly string[]) => join(world.folder, 'data', ...path);
const held = (id: string) => world.becomes(runId(id), (run) => run.state === 'held');

describe('a start', () => {
  /** As after a crash between the decision and the spawning of the supervisor. */
  function startWithoutSupervisor(id: string, deadlineMs: number): void {
    renameSync(data('state/held', id), data('state/starting', `${id}~${deadlineMs}~${'0'.repeat(32)}`));
  }

  test('that nobody took counts as starting until its deadline, then the run is held again and can be started', async () => {
    await world.engine.create([aRun('lapse-1', world.content('succeeds'))], never);
    const deadlineMs = Date.now() + 300;
    startWithoutSupervisor('lapse-1', deadlineMs);
    await world.becomes(runId('lapse-1'), (run) => run.state === 'starting');
    await held('lapse-1');
    expect(Date.now()).toBeGreaterThanOrEqual(deadlineMs);
    await world.engine.start(runId('lapse-1'), { deadlineMs: Date.now() + 30_000 }, never);
    expect((await world.end(runId('lapse-1'))).state).toBe('succeeded');
    expect(await world.executions(runId('lapse-1'))).toBe(1);
  });

  test('that was not taken can be cancelled', async () => {
    await world.engine.create([aRun('lapse-2', world.content('succeeds'))], never);
    startWithoutSupervisor('lapse-2', Date.now() + 60_000);
    expect(await world.engine.cancel(runId('lapse-2'), 'not needed', never)).toEqual({ kind: 'accepted' });
    expect(await world.end(runId('lapse-2'))).toMatchObject({ state: 'cancelled', startedAtMs: null });
  });

  test('whose supervisor comes too late is not executed', async () => {
    await world.engine.create([aRun('lapse-3', world.content('succeeds'))], never);
    // No process starts within a millisecond.
    const deadlineMs = Date.now() + 1;
    await world.engine.start(runId('lapse-3'), { deadlineMs }, never);
    await world.passUntil(deadlineMs + 1_000);
    await held('lapse-3');
    expect(await world.executions(runId('lapse-3'))).toBe(0);
  });
});

describe('a creation', () => {
  test('interrupted before it counted leaves nothing; interrupted after it is completed', async () => {
    await world.engine.create(
      [aRun('batch-1', world.content('succeeds')), aRun('batch-2', world.content('succeeds'))],
      never,
    );
    for (const [name, id] of [
      ['early', 'batch-1'],
      ['late', 'batch-2'],
    ] as const) {
      for (const folder of ['runs', 'held']) mkdirSync(data('incoming', name, folder), { recursive: true });
      renameSync(data('runs', id), data('incoming', name, 'runs', id));
      renameSync(data('state/held', id), data('incoming', name, 'held', id));
    }
    writeFileSync(data('incoming/late/committed'), '');
    await world.reopen();
    const { runs } = await world.engine.observe({ fresh: true }, never);
    expect(runs.map((run) => [run.id, run.state])).toEqual([['batch-2', 'held']]);
    expect(readdirSync(data('incoming'))).toEqual([]);
    expect(readdirSync(data('runs'))).toEqual(['batch-2']);
  });

  test('on a folder that cannot be written is refused in one line and nothing is there', async () => {
    rmSync(data('incoming'), { recursive: true });
    writeFileSync(data('incoming'), 'in the way');
    const created = world.engine.create([aRun('full-1', onePipeline('true'))], never);
    await expect(created).rejects.toMatchObject({
      code: 'data-unwritable',
      message: `${data()}: it must be a folder that this user may write (ENOTDIR)`,
    });
    expect((await world.engine.observe({ fresh: true }, never)).runs).toEqual([]);
    expect(readdirSync(data('runs'))).toEqual([]);
  });

  test('with an id that leads out of the folder is refused', async () => {
    for (const id of ['../up', '.hidden', 'a/b', 'A', '', 'a~b', 'x'.repeat(102)]) {
      await expect(world.engine.create([aRun(id, onePipeline('true'))], never)).rejects.toMatchObject({
        code: 'request-invalid',
        field: 'id',
      });
      expect(await world.engine.cancel(runId(id), 'x', never)).toEqual({ kind: 'missing' });
      expect((await world.engine.start(runId(id), { deadlineMs: Date.now() + 1_000 }, never)).kind).toBe(
        'refused',
      );
    }
  });

  test('needs every parameter without a default, and no other', async () => {
    const content = pipeline({ params: [{ name: 'url' }], tasks: [task('a', 'echo $(params.url)')] });
    await expect(world.engine.create([aRun('param-1', content)], never)).rejects.toMatchObject({
      code: 'pipeline-invalid',
      message: 'content:1:91: spec.params[0]: parameter "url" has no default, so a value must be given',
    });
    const params = { url: 'x', port: '1' };
    await expect(world.engine.create([aRun('param-1', content, { params })], never)).rejects.toMatchObject({
      code: 'pipeline-invalid',
      message: 'params.port: is not declared by the pipeline; declared are url',
    });
  });

  test('with a timeout that is none is refused', async () => {
    for (const timeoutMs of [0, -1, 1.5, Number.NaN]) {
      await expect(
        world.engine.create([aRun('time-1', onePipeline('true'), { timeoutMs })], never),
      ).rejects.toMatchObject({
        code: 'request-invalid',
        message: `timeoutMs: must be a whole number of at least 1, not ${timeoutMs}`,
      });
    }
  });
});

describe('the folder', () => {
  test('that cannot be made is refused in one line', async () => {
    const inTheWay = join(world.folder, 'file');
    writeFileSync(inTheWay, '');
    await expect(openLocalEngine({ folder: join(inTheWay, 'data') })).rejects.toMatchObject({
      code: 'data-unwritable',
      message: `${join(inTheWay, 'data')}: it must be a folder that this user may write (ENOTDIR)`,
    });
  });

  test('may be open twice: both see the same, and a run starts once', async () => {
    const other = await openLocalEngine({ folder: data(), env: process.env, graceMs: 300 });
    await world.engine.create([aRun('two-1', world.content('succeeds'))], never);
    const deadlineMs = Date.now() + 30_000;
    const answers = await Promise.all(
      [world.engine, other, world.engine, other].map((engine) =>
        engine.start(runId('two-1'), { deadlineMs }, never),
      ),
    );
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual([
      'accepted',
      'refused',
      'refused',
      'refused',
    ]);
    await world.end(runId('two-1'));
    const { runs } = await other.observe({ fresh: true }, never);
    expect(runs.map((run) => run.state)).toEqual(['succeeded']);
    await world.engine.can.forget?.([runId('two-1')]);
    expect((await other.observe({ fresh: true }, never)).runs).toEqual([]);
    expect(await world.executions(runId('two-1'))).toBe(1);
    await other.close();
  });

  test('loses what a power cut damaged, and nothing else', async () => {
    await world.engine.create(
      [aRun('cut-1', onePipeline('true')), aRun('cut-2', onePipeline('true'))],
      never,
    );
    writeFileSync(data('runs/cut-1/run.jsonl'), '');
    await world.reopen();
    const { runs } = await world.engine.observe({ fresh: true }, never);
    expect(runs.map((run) => run.id)).toEqual(['cut-2']);
  });
});

describe('forgetting', () => {
  test('removes logs and work folders beyond those kept, and a retried creation still runs nothing', async () => {
    const content = world.content('succeeds');
    const id = await world.begin('old-1', content);
    await world.end(id);
    expect(existsSync(data('runs/old-1/logs'))).toBe(true);
    await world.engine.can.forget?.([id]);
    expect(readdirSync(data('runs/old-1'))).toEqual(['run.jsonl']);
    await world.reopen();
    expect(await world.engine.create([aRun('old-1', content)], never)).toEqual([
      { kind: 'exists', id: 'old-1' },
    ]);
    expect(await world.engine.create([aRun('old-1', onePipeline('false'))], never)).toEqual([
      { kind: 'conflict' },
    ]);
    expect((await world.engine.observe({ fresh: true }, never)).runs).toEqual([]);
    expect(await world.executions(id)).toBe(1);
  });
});

test('a subscriber is told when a run moves on', async () => {
  const told = new Promise<void>((resolve) => world.engine.onChange(resolve));
  await world.engine.create([aRun('hint-1', onePipeline('true'))], never);
  await told;
});
