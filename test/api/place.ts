/** A composed Penstock over a temporary folder, as `serve` and the commands compose it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '../../src/api/metrics.ts';
import { type Api, buildServer } from '../../src/api/server.ts';
import type { Penstock } from '../../src/app/views.ts';
import { type Composition, composePenstock, readRunFile } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load-config.ts';

export interface Place {
  readonly composition: Composition;
  readonly api: Api;
  /** What the app answered to the last question, for comparison with what was sent. */
  readonly lastAnswer: () => unknown;
  dispose(): Promise<void>;
}

export async function openPlace(options: {
  readonly withLoop: boolean;
  readonly slots?: number;
  /** More of penstock.yaml. */
  readonly yaml?: string;
}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-api-'));
  const flags = { data: join(folder, 'data'), slots: options.slots ?? 2, logLevel: 'silent' };
  if (options.yaml !== undefined) await writeFile(join(folder, 'penstock.yaml'), options.yaml);
  const config = await loadConfig({ cwd: folder, env: {}, flags });
  const { withLoop } = options;
  const composition = await composePenstock(config, { who: 'a test', version: '1.2.3', withLoop });
  const recorded = { last: undefined as unknown };
  const api = buildServer({
    penstock: recording(composition.penstock, recorded),
    metrics: createMetrics({
      view: () => composition.loop?.view() ?? null,
      leads: () => true,
      calibration: async () => ({ nowMs: 0, starts: [], finishes: [] }),
      figures: () => [],
    }),
    policies: composition.policies,
    testRuns: composition.testRuns,
    history: composition.history,
    changes: composition.changes,
    record: async () => {},
    checkPipeline: readRunFile,
    nowMs: () => Date.now(),
    log: composition.log,
    version: '1.2.3',
    isReady: () => true,
    ping: async () => {},
    wayIn: { kind: 'socket', name: 'somebody' },
  });
  const dispose = async (): Promise<void> => {
    await composition.loop?.stop();
    await api.close();
    await composition.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { composition, api, lastAnswer: () => recorded.last, dispose };
}

/** The same Penstock; it only remembers its last answer. */
function recording(penstock: Penstock, recorded: { last: unknown }): Penstock {
  return new Proxy(penstock, {
    get:
      (target, name: keyof Penstock) =>
      async (...args: unknown[]): Promise<unknown> => {
        const method = target[name] as (...given: unknown[]) => Promise<unknown>;
        recorded.last = await method.apply(target, args);
        return recorded.last;
      },
  });
}

export const PIPELINE = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: build
spec:
  tasks:
    - name: hello
      taskSpec:
        steps:
          - name: say
            script: |
              #!/bin/sh
              echo hello
`;
