/**
 * The trap in ADR 47's own signal: Tekton's gauge of running runs counts pending ones. With
 * many runs held and Prometheus as the source, whoever takes it literally starts nothing.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PIPELINE_RUNS } from './client/resources.ts';
import { inTurns } from './rig/in-turns.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { queryPrometheus } from './rig/prometheus-query.ts';
import { requireCluster, requiresPrometheus, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher } from './rig/run-watcher.ts';

const RUNS = 100;
const CAP = 10;

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

test('100 runs held, all counted by the gauge: Penstock starts up to the cap, not beyond, and all run', async (context) => {
  const url = requiresPrometheus(context, cluster);
  const namespace = await penstock.newNamespace();
  const watcher = await RunWatcher.open(cluster.admin, { namespace });
  try {
    await inTurns(Array.from({ length: RUNS }), (_, i) =>
      cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace, name: `build-${i}`, durationMs: 1_500 })),
    );
    let gauge = 0;
    const giveUpAtMs = Date.now() + 60_000;
    while (gauge < RUNS && Date.now() < giveUpAtMs) {
      gauge = await queryPrometheus(url, 'avg(tekton_pipelines_controller_running_pipelineruns)');
    }
    // This Tekton does count them, or the test would prove nothing.
    expect(gauge).toBeGreaterThanOrEqual(RUNS);
    expect(watcher.countIn('held')).toBe(RUNS);
    const config = { pools: { runs: { size: CAP } }, prometheus: { url, role: 'source', interval: '1s' } };
    await penstock.replica({ config }).start();
    await watcher.until('all runs to end', 240_000, () => watcher.countIn('finished') === RUNS);
    console.log(`the gauge showed ${gauge} with ${RUNS} held; at most ${watcher.peak()} of ${CAP} at once`);
    expect(watcher.peak()).toBe(CAP);
  } finally {
    await watcher.close();
  }
});
