/**
 * From tekton-kueue to Penstock with unchanged manifests: the queue's label, the priority
 * class, the requests in annotations. Names and order of the classes are Konflux's.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PIPELINE_RUNS } from './client/resources.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher } from './rig/run-watcher.ts';

/** Highest first. */
const CLASSES = [
  'konflux-nudge',
  'konflux-release',
  'tenant-release',
  'post-merge-test',
  'post-merge-build',
  'pre-merge-test',
  'pre-merge-build',
  'default',
  'dependency-update',
];

let cluster: TestCluster;
let penstock: InstalledPenstock;

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster);
});

afterEach(async () => {
  await penstock.remove();
  cluster.admin.close();
});

test("tekton-kueue's manifests work unchanged: runs start in the order of their priority classes, within the limits", async () => {
  const namespace = await penstock.newNamespace();
  const watcher = await RunWatcher.open(cluster.admin, {
    namespace,
    poolsOf: (run) =>
      run.metadata.annotations?.['kueue.konflux-ci.dev/requests-linux-arm64'] ? ['linux/arm64'] : [],
  });
  try {
    for (const priority of CLASSES.toReversed()) {
      for (const copy of [1, 2]) await createAsBefore(namespace, `${priority}-${copy}`, priority);
    }
    const priorities = CLASSES.map((name) => ({ name, patience: 'never' }));
    const pools = { runs: { size: 2 }, 'linux/arm64': { size: 1 }, 'aws-ip': { size: 250 } };
    const config = { pools, priorities };
    await penstock.replica({ config, tekton: { defaultPriority: 'default' } }).start();
    const count = CLASSES.length * 2;
    await watcher.until('all runs to end', 240_000, () => watcher.countIn('finished') === count);
    // Two at once may be seen in either order, and they are of one class.
    expect(startedOrder(watcher).map((name) => name.replace(/-\d$/, ''))).toEqual(
      CLASSES.flatMap((name) => [name, name]),
    );
    expect(watcher.peak()).toBe(2);
    expect(watcher.runs.map((run) => run.object.status?.conditions?.[0]?.reason)).toEqual(
      Array(count).fill('Succeeded'),
    );
  } finally {
    await watcher.close();
  }
});

test("requests in tekton-kueue's annotations are kept to the pool, and a run that asks for none passes by", async () => {
  const namespace = await penstock.newNamespace();
  const asksForArm = (annotations: Readonly<Record<string, string>> = {}) =>
    'kueue.konflux-ci.dev/requests-linux-arm64' in annotations;
  const watcher = await RunWatcher.open(cluster.admin, {
    namespace,
    poolsOf: (run) => (asksForArm(run.metadata.annotations) ? ['linux/arm64'] : []),
  });
  try {
    for (const copy of [1, 2, 3, 4]) {
      await createAsBefore(namespace, `arm-${copy}`, 'default', {
        'kueue.konflux-ci.dev/requests-linux-arm64': '1',
        'kueue.konflux-ci.dev/requests-aws-ip': '1',
      });
    }
    await createAsBefore(namespace, 'plain', 'default');
    const pools = { runs: { size: 10 }, 'linux/arm64': { size: 1 }, 'aws-ip': { size: 250 } };
    await penstock
      .replica({
        config: { pools, priorities: CLASSES.map((name) => ({ name, patience: 'never' })) },
        tekton: { defaultPriority: 'default' },
      })
      .start();
    await watcher.until('all runs to end', 120_000, () => watcher.countIn('finished') === 5);
    expect(watcher.peak('linux/arm64')).toBe(1);
    expect(startedOrder(watcher).indexOf('plain')).toBeLessThan(3);
  } finally {
    await watcher.close();
  }
});

async function createAsBefore(
  namespace: string,
  name: string,
  priority: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const labels = {
    'kueue.x-k8s.io/queue-name': 'pipelines-queue',
    'kueue.x-k8s.io/priority-class': priority,
  };
  await cluster.admin.create(
    PIPELINE_RUNS,
    pipelineRun({ namespace, name, durationMs: 1_500, labels, annotations }),
  );
}

function startedOrder(watcher: RunWatcher): readonly string[] {
  const at = watcher.runs.map((run) => ({
    name: run.name,
    atMs: run.transitions.find(({ phase }) => phase === 'started')?.atMs ?? Number.POSITIVE_INFINITY,
  }));
  return at.toSorted((a, b) => a.atMs - b.atMs).map(({ name }) => name);
}
