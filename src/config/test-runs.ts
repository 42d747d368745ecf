/** How long a test run may take, as `penstock.yaml` has it. */
import { duration, mapping } from '../documents/schema-parts.ts';

const LEAST_MS = 1_000;
const MOST_MS = 30 * 86_400_000;

export const TEST_RUNS_SCHEMA = mapping({
  giveUpWaiting: duration(LEAST_MS, MOST_MS).prefault('24h'),
  giveUpRunning: duration(LEAST_MS, MOST_MS).prefault('24h'),
}).transform(({ giveUpWaiting, giveUpRunning }) => ({ waitMs: giveUpWaiting, runMs: giveUpRunning }));
