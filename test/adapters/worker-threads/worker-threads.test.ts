/** Workers on threads, as many as there are, and those that are none: one suite for all. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { workerThreads } from '../../../src/adapters/worker-threads/worker-threads.ts';
import { computeForecast } from '../../../src/app/forecasting/queue-forecast.ts';
import { sameThread } from '../../../src/app/forecasting/same-thread.ts';
import { WorkerLost } from '../../../src/ports/workers.ts';
import { aHeldRun } from '../../builders/admission.ts';
import { aBusyForecast, describeWorkers } from '../../conformance/workers.ts';

const clock = systemClock();

describeWorkers('one thread', () => ({ workers: workerThreads(1), clock }));
describeWorkers('three threads', () => ({ workers: workerThreads(3), clock }));
describeWorkers('this thread', () => ({ workers: sameThread(clock), clock }));

describe('threads', () => {
  test('that run out of memory are missed by whoever asked them, and replaced', async () => {
    const workers = workerThreads(2, { heapMb: 12 });
    const input = aBusyForecast(10);
    const many = Array.from({ length: 100_000 }, (_, nth) => aHeldRun(`many-${nth}`));
    const tooMuch = { ...input, snapshot: { ...input.snapshot, held: many } };
    await expect(computeForecast(tooMuch, { workers, clock })).rejects.toThrow(WorkerLost);
    expect(await computeForecast(input, { workers, clock })).toMatchObject({ replications: 10 });
    await workers.close();
  });

  test('asked after the end reject', async () => {
    const workers = workerThreads(1);
    await workers.close();
    await expect(computeForecast(aBusyForecast(10), { workers, clock })).rejects.toThrow('closed');
  });
});
