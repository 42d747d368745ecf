/** `penstock serve` as a process: commands beside it, being stopped, being killed. */
import { existsSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Created, RunsSchema } from '../../src/api/contract.ts';
import { socketTransport } from '../../src/cli/transport.ts';
import { openWorkplace, pipelineOf, type Server, type Workplace } from './binary.ts';

/** Each run writes one line when it begins, and ends when it may. */
const WAITS = 'echo $PENSTOCK_RUN >> "$HERE/begun"; until [ -e "$HERE/may-end" ]; do sleep 0.05; done';

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace();
  await place.write('waits.yaml', pipelineOf(WAITS.replaceAll('$HERE', place.folder)));
  await place.write(
    'penstock.yaml',
    'pools:\n  runs: { size: 2 }\nadmission: { startDeadline: 2s, relist: 200ms }\n',
  );
});
afterEach(async () => {
  await appendFile(join(place.folder, 'may-end'), '');
  await place.dispose();
});

const json = async <T>(...args: readonly string[]): Promise<T> => {
  const end = await place.penstock(...args, '--json');
  expect(end).toMatchObject({ status: 0 });
  return JSON.parse(end.stdout) as T;
};

async function statesOver(server: Server): Promise<readonly string[]> {
  const transport = socketTransport(server.socketPath);
  const { body } = await transport({ method: 'GET', path: '/v1/runs', body: null });
  return RunsSchema.parse(JSON.parse(body))
    .runs.map((run) => run.state)
    .toSorted();
}

const untilStates = (server: Server, want: readonly string[]) =>
  vi.waitFor(async () => expect(await statesOver(server)).toEqual(want), { timeout: 20_000, interval: 50 });

const begun = async () => (await readFile(join(place.folder, 'begun'), 'utf8')).trim().split('\n');

describe('beside a serve', () => {
  test('runs are created held, started as they fit, explained, and a second serve is refused', async () => {
    const server = await place.serve();
    expect(statSync(server.socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(place.data).mode & 0o777).toBe(0o700);

    const { ids } = await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '3');
    await untilStates(server, ['held', 'running', 'running']);
    const explained = await place.penstock('explain', ids[2] ?? '');
    expect(explained.status).toBe(0);
    expect(explained.stdout).toContain('0 of 2 free');
    expect(explained.stdout).toMatch(/should start about \d\d:\d\d/);
    expect(explained.stderr).toBe('');

    const second = await place.process('serve', '--port', '0');
    expect([second.status, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(/^penstock: .*in use by .*penstock serve.* \(process \d+.*\n$/);

    const queue = await fetch(`${server.url}/v1/queue`);
    expect(await queue.json()).toMatchObject({ held: 1, running: 2 });
    const order = await fetch(`${server.url}/v1/runs/${ids[0]}/cancel`, { method: 'POST' });
    expect(order.status).toBe(403);
    expect(await json('run', 'cancel', ids[2] ?? '')).toEqual({ id: ids[2] });
    await appendFile(join(place.folder, 'may-end'), '');
    await untilStates(server, ['cancelled', 'succeeded', 'succeeded']);
    expect((await begun()).toSorted()).toEqual(ids.slice(0, 2));
  });
});

describe('its end', () => {
  test('on SIGTERM it starts nothing more and ends well; what ran went on and is adopted', async () => {
    const first = await place.serve();
    await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '3');
    await untilStates(first, ['held', 'running', 'running']);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(existsSync(first.socketPath)).toBe(false);

    // Nobody is there to see them end, nor to start the third.
    await appendFile(join(place.folder, 'may-end'), '');
    const alone = await place.penstock('queue');
    expect(alone.stderr).toContain('no "penstock serve" runs');

    const second = await place.serve();
    await untilStates(second, ['succeeded', 'succeeded', 'succeeded']);
    expect(new Set(await begun()).size).toBe(3);
    expect(await begun()).toHaveLength(3);
    expect(await second.end('SIGINT')).toBe(0);
  });

  test('after kill -9 the next serve adopts what runs and starts nothing twice', async () => {
    const first = await place.serve();
    await json<Created>('run', 'create', '-f', 'waits.yaml', '--count', '4');
    await untilStates(first, ['held', 'held', 'running', 'running']);
    expect(await first.end('SIGKILL')).toBeNull();
    expect(existsSync(first.socketPath)).toBe(true);

    const second = await place.serve();
    await untilStates(second, ['held', 'held', 'running', 'running']);
    expect(await begun()).toHaveLength(2);
    await appendFile(join(place.folder, 'may-end'), '');
    await untilStates(second, ['succeeded', 'succeeded', 'succeeded', 'succeeded']);
    expect(await begun()).toHaveLength(4);
    expect(new Set(await begun()).size).toBe(4);
  });
});
