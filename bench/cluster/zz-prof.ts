import { requireCluster } from '../../test/cluster/rig/require-cluster.ts';
import { PenstockProcess } from '../../test/cluster/rig/penstock-process.ts';
import { writeKubeconfig } from '../../test/cluster/client/kubeconfig.ts';
import { openBenchWorld } from './world.ts';
import { createRuns } from './runs.ts';
import { StartCounter } from './start-counter.ts';
const world = await openBenchWorld(requireCluster(2));
const n = Number(process.argv[2]);
for (const concurrency of process.argv.slice(3).map(Number)) {
  const namespace = await world.newNamespace();
  const t = performance.now();
  await createRuns(world.admin, namespace, { from: 0, count: n });
  console.log('created', n, ((n * 1000) / (performance.now() - t)).toFixed(0), '/s');
  const counter = await StartCounter.open(world.admin.access, namespace);
  writeKubeconfig('/tmp/h/prof/kc', world.access);
  const serve = new PenstockProcess({ kubeconfig: '/tmp/h/prof/kc', program: ['--cpu-prof', '--cpu-prof-dir=/tmp/h/prof/' + concurrency, '--max-semi-space-size=4', 'dist/cli/main.js'], config: { pools: { runs: { size: 1000000 } }, admission: { startConcurrency: concurrency } }, tekton: { namespace: world.namespace, explainEvery: '2s' } });
  await serve.start();
  const t0 = performance.now();
  while (counter.atMs.length < n && performance.now() - t0 < 60000) await new Promise((r) => setTimeout(r, 20));
  console.log(concurrency, counter.atMs.length, counter.perSecond().toFixed(0), '/s');
  counter.close();
  const odd = serve.lines.filter((l) => !/Run waits|Started|start/i.test(l.msg)).map((l) => l.msg);
  console.log([...new Set(serve.lines.map((l) => l.msg))].slice(0, 20), odd.length);
  await serve.stop(); await serve.dispose(); await world.emptied(namespace);
}
await world.close();
process.exit(0);
