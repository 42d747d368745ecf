/** Real process trees: nothing is left behind, nothing is lost with a killed process. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunId } from '../../../src/core/model/run.ts';
import { aRun, LocalWorld, never, onePipeline, pipeline, task } from './local-world.ts';

let world: LocalWorld;
beforeEach(async () => {
  world = await LocalWorld.open({ graceMs: 300, logLimitBytes: 4_000 });
});
afterEach(() => world.dispose());

/** Pids that a run's scripts wrote down, one file each, when all of them are there. */
async function pids(id: RunId, names: readonly string[]): Promise<readonly number[]> {
  const paths = names.map((name) => join(world.folder, 'data', 'runs', id, 'work', name));
  await world.until(() =>
    paths.every((path) => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')),
  );
  return paths.map((path) => Number(readFileSync(path, 'utf8')));
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function supervisorPid(id: RunId): number {
  const folder = join(world.folder, 'data', 'runs', id);
  const name = readdirSync(folder).find((file) => file.startsWith('supervisor.'));
  return (JSON.parse(readFileSync(join(folder, name ?? ''), 'utf8')) as { readonly pid: number }).pid;
}

/** A child, a daemon in the background, one that ignores SIGTERM, and a grandchild in a session of its own. */
const FAMILY = `
sh -c 'echo $$ > child; sleep 60; true' &
nohup sh -c 'echo $$ > daemon; sleep 60; true' >/dev/null 2>&1 &
sh -c 'trap "" TERM; echo $$ > stubborn; while true; do sleep 1; done' &
( setsid sh -c 'echo $$ > escaped; sleep 60; true' & ) &
setsid sh -c 'trap "" TERM; ( sh -c "echo \\$\\$ > hidden; sleep 60; true" & ); true' &
while [ ! -s child ] || [ ! -s daemon ] || [ ! -s stubborn ] || [ ! -s escaped ] || [ ! -s hidden ]; do sleep 0.02; done
`;
const FAMILY_NAMES = ['child', 'daemon', 'stubborn', 'escaped', 'hidden'];

describe('no orphan is left behind', () => {
  test('after a cancel', async () => {
    const id = await world.begin('family-1', onePipeline(`${FAMILY}\nsleep 60`));
    const family = await pids(id, FAMILY_NAMES);
    expect(family.filter(isThere)).toEqual(family);
    await world.engine.cancel(id, 'asked by ann', never);
    const run = await world.end(id);
    expect(run.result).toMatchObject({ outcome: 'cancelled', reason: 'asked by ann' });
    expect(family.filter(isThere)).toEqual([]);
  });

  test('after a timeout', async () => {
    const id = await world.begin('family-2', onePipeline(`${FAMILY}\nsleep 60`), { timeoutMs: 1_500 });
    const family = await pids(id, FAMILY_NAMES);
    expect((await world.end(id)).state).toBe('timed-out');
    expect(family.filter(isThere)).toEqual([]);
  });

  test('after a normal end', async () => {
    const run = await world.run('family-3', onePipeline(FAMILY));
    const family = await pids(run.id, FAMILY_NAMES);
    expect(run.result).toMatchObject({ outcome: 'succeeded', reason: null });
    expect(family.filter(isThere)).toEqual([]);
  });

  test('after its supervisor was killed: the run has failed and says so', async () => {
    const id = await world.begin('family-4', onePipeline(`${FAMILY}\nsleep 60`));
    const family = await pids(id, FAMILY_NAMES);
    process.kill(supervisorPid(id), 'SIGKILL');
    const run = await world.end(id);
    expect(run.result).toMatchObject({ outcome: 'failed', reason: 'its supervisor was killed', usage: null });
    expect(run.startedAtMs).not.toBeNull();
    expect(family.filter(isThere)).toEqual([]);
  });

  test('finally does not run after a cancel', async () => {
    const content = pipeline({
      tasks: [task('work', 'echo $$ > pid; sleep 60')],
      finally: [task('clean', 'echo cleaned')],
    });
    const id = await world.begin('cancel-1', content);
    await pids(id, ['pid']);
    await world.engine.cancel(id, 'asked by ann', never);
    expect((await world.end(id)).state).toBe('cancelled');
    expect(await world.log(id, 'clean/do')).toBe('(no such log)');
  });
});

describe('kill -9', () => {
  test('of the process with the engine: its runs go on and are adopted with their true end', async () => {
    const script = `
      import { openLocalEngine } from ${JSON.stringify(new URL('../../../src/adapters/local/local-engine.ts', import.meta.url).href)};
      const engine = await openLocalEngine({ folder: process.argv[1], env: process.env, graceMs: 300 });
      const never = new AbortController().signal;
      const runs = JSON.parse(process.argv[2]);
      await engine.create(runs, never);
      for (const { id } of runs.slice(1)) await engine.start(id, { deadlineMs: Date.now() + 30000 }, never);
      process.stdout.write('started');
      setInterval(() => {}, 1000);`;
    const runs = [
      aRun('kept', world.content('succeeds')),
      aRun('good', world.content('waits')),
      aRun('bad', onePipeline(`while [ ! -e "${world.folder}/good.go" ]; do sleep 0.02; done; exit 7`)),
    ];
    const penstock = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, join(world.folder, 'data'), JSON.stringify(runs)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => penstock.stdout.once('data', resolve));
    penstock.kill('SIGKILL');
    await new Promise((resolve) => penstock.once('exit', resolve));

    const [kept, good, bad] = runs.map((run) => run.id) as [RunId, RunId, RunId];
    await world.becomes(good, (run) => run.state === 'running');
    await world.becomes(kept, (run) => run.state === 'held');
    await world.letEnd(good);
    expect((await world.end(good)).result).toMatchObject({ outcome: 'succeeded', reason: null });
    expect((await world.end(bad)).result?.reason).toBe('task "work", step "do": exit code 7');
    expect(await world.executions(good)).toBe(1);
  });

  test('of a supervisor that was asked to cancel: the run is cancelled', async () => {
    const id = await world.begin(
      'kill-1',
      onePipeline('trap "" TERM; echo $$ > pid; while true; do sleep 0.1; done'),
    );
    await pids(id, ['pid']);
    const supervisor = supervisorPid(id);
    process.kill(supervisor, 'SIGSTOP');
    expect(await world.engine.cancel(id, 'asked by ann', never)).toEqual({ kind: 'accepted' });
    process.kill(supervisor, 'SIGKILL');
    expect((await world.end(id)).result).toMatchObject({ outcome: 'cancelled', reason: 'asked by ann' });
  });
});

describe('logs', () => {
  test('of a talkative step keep the beginning and the end and say how much is left out', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done';
    const run = await world.run('log-1', onePipeline(script));
    const log = await world.log(run.id, 'work/do');
    const whole = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
    const leftOut = /\n\[(\d+) bytes of this log were left out here\]\n/.exec(log);
    const [head = '', tail = ''] = log.split(leftOut?.[0] ?? '?');
    expect(whole.startsWith(head)).toBe(true);
    expect(whole.endsWith(tail)).toBe(true);
    expect([head.length, tail.length]).toEqual([2_000, 2_000]);
    expect(Number(leftOut?.[1])).toBe(whole.length - 4_000);
  });

  test('much output does not stop a step', async () => {
    const run = await world.run('log-2', onePipeline('head -c 30000000 /dev/zero; echo end'));
    expect(run.state).toBe('succeeded');
    expect((await world.log(run.id, 'work/do')).endsWith('end\n')).toBe(true);
  });

  test('are there while the step still runs', async () => {
    const id = await world.begin('log-3', onePipeline('echo early; echo $$ > pid; sleep 60'));
    await pids(id, ['pid']);
    await world.until(
      () => readFileSync(join(world.folder, 'data/runs/log-3/logs/work.do.log'), 'utf8') !== '',
    );
    expect(await world.log(id, 'work/do')).toBe('early\n');
  });
});

describe('usage', () => {
  test('counts the CPU and the memory of grandchildren', async () => {
    const burn =
      'const end = process.cpuUsage().user + 4e5; const kept = Buffer.alloc(1e8, 1); while (process.cpuUsage().user < end) kept[0]++;';
    const run = await world.run(
      'use-1',
      onePipeline(`sh -c '"${process.execPath}" -e "${burn}"; true'; true`),
    );
    expect(run.result?.usage?.cpuSeconds).toBeGreaterThanOrEqual(0.4);
    expect(run.result?.usage?.cpuSeconds).toBeLessThan(10);
    expect(run.result?.usage?.peakMemoryBytes).toBeGreaterThan(1e8);
    expect(run.result?.usage?.peakMemoryBytes).toBeLessThan(1e9);
  });

  test('of a run that does next to nothing is small but not nothing', async () => {
    const run = await world.run('use-2', onePipeline('sleep 0.2'));
    expect(run.result?.usage?.cpuSeconds).toBeLessThan(1);
    expect(run.result?.usage?.peakMemoryBytes).toBeGreaterThan(10_000);
  });
});

test('the processes of a run are known by a token in their environment', async () => {
  const id = await world.begin('token-1', onePipeline('echo $$ > pid; sleep 60'));
  const [pid] = await pids(id, ['pid']);
  const environment = execFileSync('cat', [`/proc/${pid}/environ`], { encoding: 'utf8' });
  expect(environment).toMatch(/PENSTOCK_RUN_TOKEN=[0-9a-f]{32}/);
});
