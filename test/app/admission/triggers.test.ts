/** How often the loop looks: hints come as they like, passes do not. */
import { describe, expect, test } from 'vitest';
import { Scheduler, settle } from '../../../sim/scheduler.ts';
import { Triggers } from '../../../src/app/admission/triggers.ts';
import type { Clock } from '../../../src/ports/clock.ts';

interface Rig {
  readonly scheduler: Scheduler;
  readonly triggers: Triggers;
  /** When each pass began. */
  readonly beganAtMs: number[];
  readonly until: (atMs: number) => Promise<void>;
}

function rigWith(passMs: number, isIdle = (): boolean => false): Rig {
  const scheduler = new Scheduler(0);
  const clock: Clock = {
    nowMs: () => scheduler.nowMs(),
    at: (atMs, work) => scheduler.at(atMs, work),
  };
  const beganAtMs: number[] = [];
  const pass = (): Promise<void> => {
    beganAtMs.push(scheduler.nowMs());
    if (passMs === 0) return Promise.resolve();
    return new Promise((resolve) => scheduler.at(scheduler.nowMs() + passMs, resolve));
  };
  const until = async (atMs: number): Promise<void> => {
    await settle();
    while ((scheduler.nextAtMs() ?? Number.POSITIVE_INFINITY) <= atMs) {
      scheduler.step();
      await settle();
    }
  };
  return { scheduler, triggers: new Triggers(clock, pass, isIdle), beganAtMs, until };
}

test('while hints keep coming, it rests after each pass for as long as that took', async () => {
  const { scheduler, triggers, beganAtMs, until } = rigWith(10);
  for (let atMs = 0; atMs <= 100; atMs += 1) scheduler.at(atMs, () => triggers.wake());
  await until(100);
  expect(beganAtMs).toEqual([0, 20, 40, 60, 80, 100]);
});

test('after a long pass it rests for 20 ms only', async () => {
  const { scheduler, triggers, beganAtMs, until } = rigWith(1_000);
  for (let atMs = 0; atMs <= 2_000; atMs += 10) scheduler.at(atMs, () => triggers.wake());
  await until(2_000);
  expect(beganAtMs).toEqual([0, 1_020]);
});

test('a hint after the rest is followed at once', async () => {
  const { scheduler, triggers, beganAtMs, until } = rigWith(10);
  for (const atMs of [0, 50]) scheduler.at(atMs, () => triggers.wake());
  await until(100);
  expect(beganAtMs).toEqual([0, 50]);
});

test('stopped while it rests, it ends at once and passes no more', async () => {
  const { scheduler, triggers, beganAtMs, until } = rigWith(10);
  triggers.wake();
  await until(10);
  triggers.wake();
  const waited = triggers.passed();
  await triggers.stop();
  await waited;
  expect(scheduler.nowMs()).toBe(10);
  await until(1_000);
  expect(beganAtMs).toEqual([0]);
});

describe('while a pass could start nothing', () => {
  test('it rests longer', async () => {
    const { scheduler, triggers, beganAtMs, until } = rigWith(10, () => true);
    for (let atMs = 0; atMs <= 600; atMs += 10) scheduler.at(atMs, () => triggers.wake());
    await until(600);
    expect(beganAtMs).toEqual([0, 260, 520]);
  });

  test('what was heard is followed as soon as one could', async () => {
    const { scheduler, triggers, beganAtMs, until } = rigWith(10, () => true);
    for (const atMs of [0, 50]) scheduler.at(atMs, () => triggers.wake());
    scheduler.at(70, () => triggers.idleIsOver());
    await until(600);
    expect(beganAtMs).toEqual([0, 70]);
  });

  test('nothing heard is nothing to follow', async () => {
    const { scheduler, triggers, beganAtMs, until } = rigWith(10, () => true);
    triggers.wake();
    scheduler.at(70, () => triggers.idleIsOver());
    await until(600);
    expect(beganAtMs).toEqual([0]);
  });

  test('whoever waits for a pass does not wait for the rest', async () => {
    const { scheduler, triggers, beganAtMs, until } = rigWith(10, () => true);
    triggers.wake();
    scheduler.at(50, () => void triggers.passed());
    await until(600);
    expect(beganAtMs).toEqual([0, 50]);
  });
});
