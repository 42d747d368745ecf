/** From readings of pods to what a run used. */
import { expect, test } from 'vitest';
import { type PodReading, UsageMeter } from '../../../../src/adapters/tekton/profile/usage-meter.ts';

const aReading = (podUid: string, atMs: number, given: Partial<PodReading> = {}): PodReading => ({
  podUid,
  runUid: 'run',
  podStartedAtMs: 0,
  atMs,
  windowMs: 15_000,
  cpus: 1,
  memoryBytes: 100,
  ...given,
});
const ended = (podUid: string, endedAtMs: number, startedAtMs = 0) => ({
  podUid,
  runUid: 'run',
  startedAtMs,
  endedAtMs,
});

test('CPU counts from the start of a pod to its end, each moment as the reading after it says, the rest as the last', () => {
  const meter = new UsageMeter();
  meter.read([aReading('a', 20_000, { cpus: 2 })]);
  meter.read([aReading('a', 30_000, { cpus: 0.5 })]);
  meter.ended(ended('a', 34_000));
  expect(meter.usageOf('run')?.cpuSeconds).toBe(2 * 20 + 0.5 * 10 + 0.5 * 4);
});

test('the peak is that of all pods at one moment', () => {
  const meter = new UsageMeter();
  meter.read([aReading('a', 15_000, { memoryBytes: 700 }), aReading('b', 15_000, { memoryBytes: 200 })]);
  meter.read([aReading('a', 30_000, { memoryBytes: 100 }), aReading('b', 30_000, { memoryBytes: 750 })]);
  expect(meter.usageOf('run')?.peakMemoryBytes).toBe(900);
});

test('a reading that comes again counts once', () => {
  const meter = new UsageMeter();
  for (let n = 0; n < 3; n += 1) meter.read([aReading('a', 10_000)]);
  expect(meter.usageOf('run')?.cpuSeconds).toBe(10);
});

test('a gap is not filled for longer than a minute', () => {
  const meter = new UsageMeter();
  meter.read([aReading('a', 10_000)]);
  meter.read([aReading('a', 120_000)]);
  expect(meter.usageOf('run')?.cpuSeconds).toBe(70);
});

test('a run of which less than half was measured has no figure', () => {
  const meter = new UsageMeter();
  meter.read([aReading('a', 20_000)]);
  meter.ended(ended('a', 20_000));
  expect(meter.usageOf('run')?.cpuSeconds).toBe(20);
  meter.ended(ended('never read', 19_000));
  expect(meter.usageOf('run')?.cpuSeconds).toBe(20);
  meter.ended(ended('never read either', 2_000));
  expect(meter.usageOf('run')).toBeNull();
  expect(meter.usageOf('another run')).toBeNull();
});

test('a run that is dropped is forgotten', () => {
  const meter = new UsageMeter();
  meter.read([aReading('a', 20_000)]);
  meter.drop('run');
  expect(meter.usageOf('run')).toBeNull();
});
