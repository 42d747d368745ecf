/**
 * How the tests run: one configuration for everything under test/; three workers, since the
 * machines it must be quick on have two cores and many tests wait for something; and a last
 * line that scripts can read.
 */
import { defineConfig } from 'vitest/config';
import { PlainSummary } from './scripts/plain-summary.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need a Kubernetes cluster: npm run test:cluster.
    exclude: ['test/cluster/**/*.cluster.test.ts'],
    pool: 'forks',
    maxWorkers: 3,
    // V8's bookkeeping of write-protected code pages fails now and then where the processor has
    // protection keys, and ends a worker: "Check failed: jit_page.has_value()" (nodejs/node#64500).
    execArgv: ['--no-memory-protection-keys'],
    // Generous: a test that hangs must end some day, a loaded machine must not fail one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    reporters: ['default', new PlainSummary()],
    // A test that is left alone by mistake would hide all the others.
    allowOnly: false,
  },
});
