/**
 * The guide on metrics lists all there are, each with its type, labels and meaning, and no
 * others: what it says is compared with what a server shows on which everything has happened.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { webhookMetrics } from '../../src/adapters/tekton/webhook/metrics.ts';
import { createMetrics } from '../../src/api/metrics.ts';
import type { AdmissionEvent } from '../../src/app/admission/events.ts';
import type { AdmissionView } from '../../src/app/admission/view.ts';
import { runId } from '../../src/core/model/run.ts';
import type { Snapshot } from '../../src/core/model/snapshot.ts';
import type { ObservedRun } from '../../src/ports/engine.ts';
import { FIGURES, type Figure, type FigureName } from '../../src/ports/figures.ts';
import { noControls } from '../builders/controls.ts';
import { aFinishedRun } from '../conformance/store-builders.ts';

const guide = join(import.meta.dirname, '..', '..', 'docs', 'guides', 'metrics.md');

const estimate = { p50Ms: 1, p90Ms: 1 };
const identity = { id: runId('r'), project: 'p', tenant: 't', contentHash: 'c', requests: { runs: 1 } };
const run: ObservedRun = {
  ...identity,
  priority: 'normal',
  timeoutMs: null,
  state: 'running',
  ours: true,
  fault: null,
  heldSinceMs: 0,
  startedAtMs: 0,
  finishedAtMs: null,
  result: null,
};
const snapshot: Snapshot = {
  nowMs: 0,
  paused: true,
  maxGrants: 0,
  pools: [{ name: 'runs', size: 1, otherUse: 0, paused: false, doubt: null }],
  priorities: [{ name: 'normal', patienceMs: null }],
  tenants: [{ name: 't', weight: 1, caps: {}, paused: true }],
  held: [{ ...identity, id: runId('h'), priority: 'normal', heldSinceMs: 0, estimate, timeoutMs: null }],
  active: [{ ...identity, sinceMs: 0, estimate, timeoutMs: null }],
  grants: [],
  classStarts: [],
};
const view: AdmissionView = {
  nowMs: 0,
  observation: { revision: 1, runs: [run] },
  snapshot,
  decision: { starts: [], grants: [], reviewAtMs: null },
  starting: new Set(),
  retries: new Map(),
  controls: noControls,
};
const about = { runId: runId('r'), atMs: 0 };
const doubt = { source: 'engine', error: 'down', sinceMs: 0, failures: 1 } as const;
const events: readonly AdmissionEvent[] = [
  { kind: 'decided', atMs: 0, tookMs: 1, snapshot },
  { kind: 'pass-finished', atMs: 0, tookMs: 1, held: 0, starting: 0, running: 0, started: 0 },
  { kind: 'run-started', ...about, tenant: 't', pools: ['runs'], heldForMs: 1 },
  { kind: 'start-refused', ...about, why: 'disk full' },
  { kind: 'run-expired', ...about, tenant: 't', heldForMs: 1 },
  { kind: 'run-finished', run: aFinishedRun('r') },
  { kind: 'doubt', doubt },
];

const settled = {
  fromHorizonMs: 0,
  forecasts: 1,
  coverageP90: 1,
  coverage80: 1,
  pinball: 0,
  biasMs: 0,
  drifts: false,
};

async function everythingHappened(): Promise<string> {
  const figures = (Object.keys(FIGURES) as FigureName[]).map((name): Figure => {
    const labels = Object.fromEntries(FIGURES[name].labels.map((label) => [label, 'x']));
    return { name, labels, value: 1 };
  });
  const metrics = createMetrics({
    view: () => view,
    leads: () => true,
    calibration: async () => ({ nowMs: 0, starts: [settled], finishes: [] }),
    figures: () => figures,
  });
  for (const event of events) metrics.onEvent(event);
  metrics.countError('pool-unknown');
  const webhook = webhookMetrics();
  webhook.countReview('hold', 'changed', 1);
  webhook.countRefused();
  return `${await metrics.text()}${await webhook.text()}`;
}

/** `| name | type | labels | meaning |` of each metric of Penstock's own. */
function rowsOf(text: string): readonly string[] {
  const types = new Map(
    [...text.matchAll(/^# TYPE (penstock_\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
  );
  return [...text.matchAll(/^# HELP (penstock_\w+) (.+)$/gm)]
    .map(([, name = '', help]) => {
      const series = new RegExp(`^${name}(?:_bucket)?(?:\\{([^}]*)\\})? `, 'm').exec(text);
      if (series === null) throw new Error(`nothing made a series of ${name}: this test must`);
      const labels = [...(series[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label);
      const shown = labels.filter((label) => label !== 'le').join(', ');
      return `| ${`\`${name}\``} | ${types.get(name)} | ${shown} | ${help} |`;
    })
    .toSorted();
}

test('the guide lists exactly the metrics there are', async () => {
  const written = readFileSync(guide, 'utf8')
    .split('\n')
    .filter((line) => /^\| `penstock_\w+` \|/.test(line))
    .map((line) => line.replaceAll(/\s*\|\s*/g, ' | ').trim());
  expect(written.toSorted()).toEqual(
    rowsOf(await everythingHappened()).map((row) => row.replaceAll(/\s*\|\s*/g, ' | ').trim()),
  );
});
