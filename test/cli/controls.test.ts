/** Operators' commands as processes, beside a `serve` and without one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Controls, Ordered } from '../../src/api/contract/controls.ts';
import type { Created } from '../../src/api/contract.ts';
import { openWorkplace, pipelineOf, type Workplace } from './binary.ts';
import type { Finished } from './command-host.ts';

const BINARY = join(import.meta.dirname, '..', '..', 'bin', 'penstock.js');

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace({
    'penstock.yaml': 'pools:\n  runs: { size: 2 }\nadmission: { startDeadline: 2s, relist: 200ms }\n',
  });
  await place.write('waits.yaml', pipelineOf(`until [ -e "${place.folder}/may-end" ]; do sleep 0.05; done`));
});
afterEach(async () => {
  await letEnd();
  await place.dispose();
});

const letEnd = () => appendFile(join(place.folder, 'may-end'), '');

async function json<T>(...args: readonly string[]): Promise<T> {
  const end = await place.penstock(...args, '--json');
  expect(end).toMatchObject({ status: 0 });
  return JSON.parse(end.stdout) as T;
}

const counts = () => json<{ held: number; starting: number; running: number }>('queue');
const untilCounts = (want: object) =>
  vi.waitFor(async () => expect(await counts()).toMatchObject(want), { timeout: 20_000, interval: 100 });

/** A drain that goes on while the test does. */
function drain(...args: readonly string[]) {
  const child = spawn(process.execPath, [BINARY, 'drain', ...args], { cwd: place.folder });
  const stderr: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk));
  const stdout = text(child.stdout);
  const ended = once(child, 'close').then(async ([status]) => ({
    status: status as number | null,
    stdout: await stdout,
    stderr: stderr.join(''),
  }));
  const saysThat = (words: string) =>
    vi.waitFor(() => expect(stderr.join('')).toContain(words), { timeout: 20_000, interval: 50 });
  return { child, ended, saysThat };
}

describe('beside a serve', { timeout: 60_000 }, () => {
  test('pause and resume are in force at once, and say whose the pause is', async () => {
    await place.serve();
    const paused = await place.penstock('pause', '--reason', 'database upgrade');
    expect(paused.stdout).toMatch(/^Everything is paused: nothing starts until "penstock resume"\.\n/);
    const { ids } = await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '3');
    const explained = await place.penstock('explain', ids[0] ?? '');
    expect(explained.stdout).toMatch(/^Everything is paused by .+ since [\d:]+: database upgrade\./);
    const again = await place.penstock('pause');
    expect(again.stdout).toMatch(/^Everything is paused already, by .+: database upgrade\.\n/);
    expect(await counts()).toMatchObject({ held: 3, running: 0 });

    const front = await place.penstock('front', ids[2] ?? '');
    expect(front.stdout).toContain('It was moved to the front by ');
    expect(await json<Ordered>('tenant', 'cap', 'waits', 'runs=1')).toMatchObject({ changed: true });
    const stands = await place.penstock('controls');
    expect(stands.stdout).toContain(`Moved to the front, the first first:\n  ${ids[2]}, by `);

    expect(await json<Ordered>('resume')).toMatchObject({ changed: true, controls: { pauses: [] } });
    await untilCounts({ held: 1, running: 2 });
    const run = await json<{ state: string }>('run', 'show', ids[2] ?? '');
    expect(['starting', 'running']).toContain(run.state);
    const audit = await json<{ entries: { what: string }[] }>('audit');
    expect(audit.entries.map(({ what }) => what)).toEqual(['resume', 'cap', 'front', 'pause']);
  });

  test('drain waits for what was let go, through the end of the serve, and leaves it paused', async () => {
    const server = await place.serve();
    await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '3');
    await untilCounts({ held: 1, running: 2 });
    const draining = drain('--json');
    await draining.saysThat('Everything is paused; waiting for 2 runs to end.');
    expect(await server.end('SIGTERM')).toBe(0);
    await letEnd();
    const { status, stdout } = await draining.ended;
    expect([status, JSON.parse(stdout)]).toEqual([0, { target: { scope: 'everything' }, drained: true }]);
    await place.serve();
    expect(await counts()).toMatchObject({ held: 1, running: 0 });
  });

  test('drain that is broken off says what still runs, and leaves it paused', async () => {
    await place.serve();
    await json<Created>('run', 'create', '-f', 'waits.yaml');
    await untilCounts({ held: 0, running: 1 });
    const draining = drain();
    await draining.saysThat('waiting for 1 run to end');
    draining.child.kill('SIGINT');
    const { status, stdout, stderr } = await draining.ended;
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('penstock: It was stopped while 1 still runs. It stays paused;');
    expect((await json<Controls>('controls')).pauses).toMatchObject([{ reason: 'draining', inForce: true }]);
  });
});

describe('without a serve', { timeout: 60_000 }, () => {
  test('orders go into the store, and the next serve goes by them', async () => {
    const { ids } = await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '2');
    expect(await json<Ordered>('pause')).toMatchObject({ changed: true });
    const drained = await place.penstock('drain');
    expect([drained.status, drained.stdout]).toEqual([
      0,
      'Drained: everything is paused and nothing that Penstock started there is running. "penstock resume" takes the pause back.\n',
    ]);
    const front = await place.penstock('front', ids[1] ?? '');
    expect(front.stderr).toContain('no "penstock serve" runs');
    await place.serve();
    expect(await counts()).toMatchObject({ held: 2, running: 0 });
  });

  test.each([
    [['pause', '--tenant', 'a', '--pool', 'b'], 'cannot be used with'],
    [['tenant', 'cap', 'web', 'runs'], '"runs" is not a cap; write pool=units'],
    [['tenant', 'cap', 'web', 'runs=-1'], '"runs=-1" is not a cap; write pool=units'],
    [['tenant', 'cap', 'web'], 'missing required argument'],
    [['pause'], 'There is no data folder'],
  ])('%j is refused in one line', async (args, why) => {
    expectRefusal(await place.penstock(...args), why);
  });

  test('a pool and a run that nobody knows are refused', async () => {
    await json<Created>('run', 'create', '-f', 'waits.yaml');
    expectRefusal(await place.penstock('pause', '--pool', 'vax'), 'there is no pool "vax"');
    expectRefusal(await place.penstock('front', 'nobody'), 'There is no run "nobody"');
  });
});

function expectRefusal({ status, stdout, stderr }: Finished, why: string): void {
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(why);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}
