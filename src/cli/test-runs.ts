/** Where test runs are in the API, and waiting for the end of one. */
import { setTimeout as pause } from 'node:timers/promises';
import { type TestRunBody, TestRunSchema } from '../api/contract/test-runs.ts';
import type { Client } from './client.ts';

/** Soon enough for somebody who waits, rarely enough for a server that many ask. */
const PACE_MIN_MS = 200;
const PACE_MAX_MS = 5_000;

export function testRunsPath(policy: string): string {
  return `/v1/policies/${encodeURIComponent(policy)}/test-runs`;
}

export function testRunPath(policy: string, id: string): string {
  return `${testRunsPath(policy)}/${encodeURIComponent(id)}`;
}

/** As it is when it has ended. */
export async function followed(client: Client, asked: TestRunBody): Promise<TestRunBody> {
  let testRun = asked;
  for (let paceMs = PACE_MIN_MS; testRun.endedAtMs === null; paceMs = Math.min(PACE_MAX_MS, paceMs * 1.3)) {
    await pause(paceMs);
    testRun = await client.ask(TestRunSchema, testRunPath(asked.policy, asked.id));
  }
  return testRun;
}
