/**
 * `npm run test:cluster`: brings a cluster up, runs the tests that need one, one file at a
 * time, and ends what it started. A cluster that ran before is used and left alone.
 *
 *   npm run test:cluster                                  all of them
 *   npm run test:cluster -- test/cluster/story            some
 *   KUBECONFIG=... npm run test:cluster                   on a cluster of yours, such as kind
 *   PENSTOCK_CLUSTER_KEEP=1 npm run test:cluster          leaves the cluster running
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { down } from './processes/down.ts';
import { givenKubeconfig, layoutOfEnvironment } from './processes/layout.ts';
import { up } from './processes/up.ts';
import { requireCluster } from './rig/require-cluster.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');

async function runVitest(args: readonly string[]): Promise<number> {
  const config = join('test', 'cluster', 'vitest.config.ts');
  const child = spawn(process.execPath, [VITEST, 'run', '--config', config, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  // An interrupt reaches the tests by themselves; we stay to end the cluster afterwards.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
}

const layout = layoutOfEnvironment();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const started = givenKubeconfig(layout) === null ? await up({ layout, tier: 3, say }) : null;
  try {
    const { admin } = requireCluster();
    say(`tests run on ${admin.access.server}`);
    admin.close();
    process.exitCode = await runVitest(process.argv.slice(2));
  } finally {
    const keep = process.env.PENSTOCK_CLUSTER_KEEP === '1';
    if (started !== null && !started.wasRunning && !keep) await down(layout);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
