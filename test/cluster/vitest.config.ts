/**
 * How the tests that need a cluster run: one file after the other, because they share it
 * and some of them stop parts of it, and with patience, because servers start in it.
 */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { PlainSummary } from '../../scripts/plain-summary.ts';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '..', '..'),
    include: ['test/cluster/**/*.cluster.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
    teardownTimeout: 30_000,
    reporters: ['default', new PlainSummary()],
    allowOnly: false,
  },
});
