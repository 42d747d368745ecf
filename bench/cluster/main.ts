/**
 * `npm run bench:cluster`: Penstock's speed and size on a real API server, each beside a peer
 * measured in the same run where there is one. It brings a cluster of tier 2 up and ends it,
 * or uses the one that runs; see test/cluster/README.md.
 *
 *   npm run bench:cluster                          everything, some fifteen minutes
 *   npm run bench:cluster -- starts held           some sections
 *   npm run bench:cluster -- many --runs 20000     with fewer runs than 50,000
 *
 * Exit status 1 when a goal is not met.
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTROLLER_NODE_OPTIONS } from '../../src/adapters/tekton/manifests/workloads.ts';
import { down } from '../../test/cluster/processes/down.ts';
import { givenKubeconfig, layoutOfEnvironment } from '../../test/cluster/processes/layout.ts';
import { up } from '../../test/cluster/processes/up.ts';
import { requireCluster } from '../../test/cluster/rig/require-cluster.ts';
import type { Line } from '../harness/line.ts';
import { tableOf } from '../harness/table.ts';
import { held } from './held.ts';
import { pack } from './serve.ts';
import { starts } from './starts.ts';
import { type BenchWorld, openBenchWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface ClusterSection {
  readonly name: string;
  readonly title: string;
  readonly run: (world: BenchWorld) => Promise<readonly Line[]>;
}

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string' } },
  allowPositionals: true,
});

const sections: readonly ClusterSection[] = [
  { name: 'starts', title: "starts with a large cap, Tekton's webhook on", run: starts },
  {
    name: 'held',
    title: 'thousands held behind 20 slots',
    run: (world) => held(world, { runs: Number(values.runs ?? 10_000), megabytes: 150, seconds: 5 }),
  },
  {
    name: 'many',
    title: 'tens of thousands held behind 20 slots',
    run: (world) => held(world, { runs: Number(values.runs ?? 50_000), megabytes: 350, seconds: 20 }),
  },
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measured(chosen: readonly ClusterSection[]): Promise<number> {
  const cluster = requireCluster(2);
  const world = await openBenchWorld(cluster);
  let missed = 0;
  for (const section of chosen) {
    const lines = await section.run(world);
    missed += lines.filter(({ goal }) => goal?.met === false).length;
    say(`${tableOf({ ...section, run: () => Promise.resolve(lines) }, lines)}  load then: ${loadText()}\n`);
  }
  await world.close();
  cluster.admin.close();
  return missed;
}

function loadText(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(', ');
}

const unknown = positionals.find((name) => !sections.some((section) => section.name === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no section "${unknown}"; there are starts, held and many.\n`);
  process.exit(1);
}
const chosen = sections.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const built = spawnSync('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) process.exit(1);
pack();
say(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model.trim()}; load ${loadText()}`);
say(
  `the installed package without a compile cache, with ${CONTROLLER_NODE_OPTIONS.join(' ')} as our manifests set it\n`,
);

const layout = layoutOfEnvironment();
const started = givenKubeconfig(layout) === null ? await up({ layout, tier: 2, say }) : null;
try {
  const missed = await measured(chosen);
  if (missed > 0) {
    say(`${missed} ${missed === 1 ? 'goal was' : 'goals were'} not met.`);
    process.exitCode = 1;
  }
} finally {
  if (started !== null && !started.wasRunning) await down(layout);
}
