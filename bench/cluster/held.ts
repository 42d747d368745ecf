/**
 * Thousands of runs held behind few slots: how long a cold start takes until the first run is
 * started, how soon the next one starts after one has ended, what Penstock weighs meanwhile,
 * and what it asks of the API server.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, type Line } from '../harness/line.ts';
import { median } from '../harness/median.ts';
import { MeterProxy } from './meter-proxy.ts';
import { createRuns, letBegin, letEnd } from './runs.ts';
import { packedServe, residentOf } from './serve.ts';
import type { BenchWorld } from './world.ts';

const SLOTS = 20;
const ENDS = 200;
const PAUSE_MAX_MS = 150;
const LIMIT_MS = 120_000;
/** The writes for people in a second that the configuration allows when it says nothing. */
const BUDGET_PER_SECOND = 5;

export interface HeldGoals {
  readonly runs: number;
  readonly megabytes: number;
  readonly seconds: number;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAtMs = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited ${LIMIT_MS} ms for ${what}`);
    await pause(2);
  }
}

/** Ends one run after the other, each as soon as the one before was replaced and a while is over. */
async function replacedInMs(
  world: BenchWorld,
  namespace: string,
  proxy: MeterProxy,
): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  for (let turn = 0; turn < ENDS; turn += 1) {
    const name = proxy.starts[turn]?.name ?? '';
    const before = proxy.starts.length;
    await letEnd(world.admin, namespace, name);
    await until('the next start', () => proxy.starts.length > before && proxy.endedAtMs.has(name));
    const startedAtMs = proxy.starts[before]?.atMs ?? Number.NaN;
    latenciesMs.push(startedAtMs - (proxy.endedAtMs.get(name) ?? Number.NaN));
    await letBegin(world.admin, namespace, proxy.starts[before]?.name ?? '');
    // At any moment between two rounds of notes.
    await pause(((turn * 37) % 100) * (PAUSE_MAX_MS / 100));
  }
  return latenciesMs;
}

export async function held(world: BenchWorld, goals: HeldGoals): Promise<readonly Line[]> {
  const namespace = await world.newNamespace();
  await createRuns(world.admin, namespace, { from: 0, count: goals.runs });
  const proxy = await MeterProxy.open(world.access);
  const access = { ...world.access, server: proxy.url, ca: proxy.authority };
  const serve = packedServe({ access, namespace: world.namespace, slots: SLOTS });
  try {
    const beganMs = performance.now();
    await serve.start();
    await until('the first start', () => proxy.starts.length > 0);
    const coldSeconds = ((proxy.starts[0]?.atMs ?? Number.NaN) - beganMs) / 1000;
    await until('all slots to be filled', () => proxy.starts.length === SLOTS);
    for (const { name } of proxy.starts) await letBegin(world.admin, namespace, name);
    const latenciesMs = await replacedInMs(world, namespace, proxy);
    const seconds = (performance.now() - beganMs) / 1000;
    const resident = residentOf(serve.pid);
    return [
      ...coldLines(goals, coldSeconds),
      ...latencyLines(latenciesMs),
      ...residentLines(goals, resident),
      ...requestLines(proxy, seconds),
    ];
  } catch (error) {
    throw new Error(`${String(error)}\n${serve.lastLines()}`);
  } finally {
    await serve.stop();
    await serve.dispose();
    await proxy.close();
    await world.emptied(namespace);
  }
}

function plain(what: string, value: number, unit: string): Line {
  return { what, value, unit, against: null, goal: null };
}

function coldLines({ runs, seconds }: HeldGoals, coldSeconds: number): readonly Line[] {
  const what = `cold start to the first start of ${runs.toLocaleString('en-US')}`;
  return [{ ...plain(what, coldSeconds, 's'), goal: atMost(seconds, coldSeconds, ' s') }];
}

function latencyLines(latenciesMs: readonly number[]): readonly Line[] {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const middleMs = median(sorted);
  const p99Ms = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
  return [
    {
      ...plain('from an end heard to the next start sent, median', middleMs, 'ms'),
      goal: atMost(50, middleMs, ' ms'),
    },
    { ...plain('the same, P99', p99Ms, 'ms'), goal: atMost(250, p99Ms, ' ms') },
  ];
}

function residentLines({ megabytes }: HeldGoals, resident: ReturnType<typeof residentOf>): readonly Line[] {
  return [
    {
      ...plain('resident after these ends', resident.megabytes, 'MB'),
      goal: atMost(megabytes, resident.megabytes, ' MB'),
    },
    plain('resident at most', resident.highestMegabytes, 'MB'),
  ];
}

function requestLines({ counts, starts, startRequests }: MeterProxy, seconds: number): readonly Line[] {
  const sum = (matches: (kind: string) => boolean): number => {
    let total = 0;
    for (const [kind, count] of counts) if (matches(kind)) total += count;
    return total;
  };
  const reads = sum((kind) => /^GET (pipelineruns|taskruns|namespaces|pods)$/.test(kind));
  const writes = sum((kind) => /^(PATCH|POST|PUT|DELETE) /.test(kind));
  const leases = sum((kind) => /^(PATCH|POST|PUT) leases$/.test(kind));
  const perStart = startRequests / new Set(starts.map(({ name }) => name)).size;
  const others = (writes - startRequests - leases) / seconds;
  const all = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
  return [
    { ...plain('start requests for each start', perStart, ''), goal: atMost(1, perStart) },
    {
      ...plain('other writes', others, '/s'),
      against: all,
      goal: atMost(BUDGET_PER_SECOND + 1, others, ' /s'),
    },
    plain('lists, the first ones included', reads, ''),
  ];
}
