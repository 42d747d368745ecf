/**
 * What every engine must do, whether its work is real processes, a cluster or a
 * simulation. A suite for one engine is a call of `engineConformance` with a harness;
 * the checks look only at what the engine shows and at whether work was executed.
 *
 * Time is the engine's own: a harness of a simulated engine advances it, a harness of a
 * real one waits. No check asserts how long something took in the world outside.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { createTests } from './engine-create.ts';
import { cancelTests, crashTests } from './engine-end.ts';
import type { EngineHarness } from './engine-harness.ts';
import { observeTests } from './engine-observe.ts';
import { startTests, timeoutTests } from './engine-start.ts';
import { EngineWorld } from './engine-world.ts';

export type { EngineHarness, Work } from './engine-harness.ts';

const TEST_TIMEOUT_MS = 60_000;

export function engineConformance(name: string, open: () => Promise<EngineHarness>): void {
  describe(`every engine: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    const world = new EngineWorld(open);
    beforeEach(() => world.begin());
    afterEach(() => world.end());
    describe('create', () => createTests(world));
    describe('start', () => startTests(world));
    describe('observe', () => observeTests(world));
    describe('cancel', () => cancelTests(world));
    describe('timeouts', () => timeoutTests(world));
    describe('crash', () => crashTests(world));
  });
}
