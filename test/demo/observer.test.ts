/** The observer counts what runs from the processes alone, and never too many. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObserverReport } from '../../src/cli/demo/observer/order.ts';
import { highest, NO_PEAKS, withLook } from '../../src/cli/demo/observer/peaks.ts';
import { runningRuns, supervisedRun } from '../../src/cli/demo/observer/running-runs.ts';
import { startObserver } from '../../src/cli/demo/observer/watch.ts';

const ENGINE = '/data/local';

function supervisor(id: string, folder = ENGINE): string {
  return `/bin/node /src/supervisor/main.ts ${folder}/runs/${id}/order.0f.json`;
}

describe('which runs are running', () => {
  const never = (): boolean => false;

  test('a supervisor of this engine is recognised by what it was told', () => {
    expect(supervisedRun(supervisor('demo-001'), ENGINE)).toBe('demo-001');
    expect(supervisedRun(supervisor('demo-001', '/other/local'), ENGINE)).toBe(null);
    expect(supervisedRun('/bin/sh -e /data/local/runs/demo-001/scripts/build', ENGINE)).toBe(null);
    expect(supervisedRun(`cat ${ENGINE}/runs/demo-001/run.jsonl`, ENGINE)).toBe(null);
  });

  test('a supervisor that is about to execute a step, and is two processes, counts once', () => {
    const processes = [
      { pid: 10, parent: 1, command: supervisor('demo-001') },
      { pid: 11, parent: 10, command: supervisor('demo-001') },
      { pid: 12, parent: 1, command: supervisor('demo-002') },
    ];
    expect(runningRuns(processes, ENGINE, never)).toEqual(new Set(['demo-001', 'demo-002']));
  });

  test('a run whose outcome is written does not run any more, though its supervisor is not gone yet', () => {
    const processes = ['demo-001', 'demo-002'].map((id, at) => ({
      pid: 10 + at,
      parent: 1,
      command: supervisor(id),
    }));
    expect(runningRuns(processes, ENGINE, (run) => run === 'demo-001')).toEqual(new Set(['demo-002']));
  });
});

describe('peaks', () => {
  test('each pool has its own, from different looks', () => {
    const requests = (run: string) => (run.startsWith('arm') ? { runs: 1, arm64: 2 } : { runs: 1 });
    const first = withLook(NO_PEAKS, new Set(['arm-1', 'arm-2']), requests);
    const second = withLook(first, new Set(['arm-1', 'x', 'y']), requests);
    expect(second).toEqual({ running: 3, pools: { runs: 3, arm64: 4 }, looks: 2 });
  });

  test('of two processes of one demo the higher counts, and their looks add up', () => {
    const one = { running: 3, pools: { runs: 3, arm64: 1 }, looks: 10 };
    const other = { running: 2, pools: { runs: 2, license: 2 }, looks: 5 };
    expect(highest(one, other)).toEqual({ running: 3, pools: { runs: 3, arm64: 1, license: 2 }, looks: 15 });
  });
});

describe('as a process', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'penstock-observer-'));
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  /** Waits until it is told to end; its command line looks like a supervisor's. */
  function aSupervisor(id: string): void {
    const waits = 'process.stdin.resume()';
    const order = join(folder, 'runs', id, 'order.0f.json');
    children.push(spawn(process.execPath, ['-e', waits, order], { stdio: ['pipe', 'ignore', 'ignore'] }));
  }

  test('it sees three supervisors, adds up their pools, and ends when it is told to', async () => {
    const requestsFile = join(folder, 'requests.json');
    writeFileSync(
      requestsFile,
      JSON.stringify({ a: { runs: 1, arm64: 1 }, b: { runs: 1, arm64: 2 }, c: { runs: 1 } }),
    );
    mkdirSync(join(folder, 'runs', 'ended'), { recursive: true });
    writeFileSync(join(folder, 'runs', 'ended', 'outcome.json'), '{}');
    for (const id of ['a', 'b', 'c', 'ended']) aSupervisor(id);
    const seen = await new Promise<ObserverReport>((resolve) => {
      const observer = startObserver({ engineFolder: folder, requestsFile }, (report) => {
        if (report.running === 3) void observer.stop().then(() => resolve(report));
      });
    });
    expect(seen).toMatchObject({ running: 3, pools: { runs: 3, arm64: 3 } });
  });

  test('an observer that fails says why and harms nobody', async () => {
    const observer = startObserver({ engineFolder: folder, requestsFile: join(folder, 'missing.json') });
    while (observer.failure() === null) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(observer.failure()).toContain('ENOENT');
    expect(observer.report()).toBe(null);
    await observer.stop();
  });
});
