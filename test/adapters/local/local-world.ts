/**
 * The local engine on a temporary folder, with pipelines that leave traces: every piece of
 * work appends a line to a file when it begins, and waiting work looks for a file.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalEngineOptions, openLocalEngine } from '../../../src/adapters/local/local-engine.ts';
import { isFinished, type RunId, runId } from '../../../src/core/model/run.ts';
import type { Engine, NewRun, Observation, ObservedRun } from '../../../src/ports/engine.ts';
import type { EngineHarness, Work } from '../../conformance/engine.ts';

export const never = new AbortController().signal;
/** A loaded machine is slow, a hanging test must end. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 10;

export class LocalWorld implements EngineHarness {
  readonly folder: string;
  readonly shortMs = 400;
  readonly #options: Partial<LocalEngineOptions>;
  engine: Engine;

  constructor(folder: string, options: Partial<LocalEngineOptions>, engine: Engine) {
    this.folder = folder;
    this.#options = options;
    this.engine = engine;
  }

  static async open(options: Partial<LocalEngineOptions> = {}): Promise<LocalWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-local-'));
    return new LocalWorld(folder, options, await LocalWorld.#engine(folder, options));
  }

  static #engine(folder: string, options: Partial<LocalEngineOptions>): Promise<Engine> {
    return openLocalEngine({ folder: join(folder, 'data'), env: process.env, graceMs: 1_000, ...options });
  }

  nowMs(): number {
    return Date.now();
  }

  content(work: Work): string {
    const begun = `echo begun >> "${this.folder}/$(context.pipelineRun.name).begun"`;
    const go = `"${this.folder}/$(context.pipelineRun.name).go"`;
    const rest = { succeeds: 'true', fails: 'exit 3', waits: `while [ ! -e ${go} ]; do sleep 0.05; done` };
    return onePipeline(`${begun}\n${rest[work]}`);
  }

  invalidContent(): string {
    return 'kind: Deployment';
  }

  async letEnd(id: RunId): Promise<void> {
    writeFileSync(join(this.folder, `${id}.go`), '');
  }

  async executions(id: RunId): Promise<number> {
    const path = join(this.folder, `${id}.begun`);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
  }

  async passUntil(atMs: number): Promise<void> {
    while (Date.now() < atMs) await new Promise((resolve) => setTimeout(resolve, atMs - Date.now()));
  }

  async until(condition: (observation: Observation) => boolean): Promise<Observation> {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const observation = await this.engine.observe({ fresh: true }, never);
      if (condition(observation)) return observation;
      if (Date.now() > giveUpAtMs) throw new Error(`never came true: ${JSON.stringify(observation.runs)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async createForeign(): Promise<RunId | null> {
    return null;
  }

  async reopen(): Promise<void> {
    this.engine = await LocalWorld.#engine(this.folder, this.#options);
  }

  async dispose(): Promise<void> {
    const { runs } = await this.engine.observe({ fresh: true }, never);
    for (const run of runs) await this.engine.cancel(run.id, 'the test is over', never);
    await this.until((seen) => seen.runs.every((run) => isFinished(run.state)));
    await this.engine.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Creates, starts and returns the run's id. */
  async begin(id: string, content: string, changes: Partial<NewRun> = {}): Promise<RunId> {
    const run = aRun(id, content, changes);
    await this.engine.create([run], never);
    const answer = await this.engine.start(run.id, { deadlineMs: Date.now() + PATIENCE_MS }, never);
    if (answer.kind !== 'accepted') throw new Error(`not started: ${answer.why}`);
    return run.id;
  }

  async end(id: RunId): Promise<ObservedRun> {
    return this.becomes(id, (run) => isFinished(run.state));
  }

  async becomes(id: RunId, condition: (run: ObservedRun) => boolean): Promise<ObservedRun> {
    const { runs } = await this.until((seen) => seen.runs.some((run) => run.id === id && condition(run)));
    const run = runs.find((seen) => seen.id === id);
    if (run === undefined) throw new Error('unreachable');
    return run;
  }

  /** Runs it to its end. */
  async run(id: string, content: string, changes: Partial<NewRun> = {}): Promise<ObservedRun> {
    return this.end(await this.begin(id, content, changes));
  }

  async log(id: RunId, step: string): Promise<string> {
    const chunks = (await this.engine.can.logs?.(id)) ?? [];
    return chunks.find((chunk) => `${chunk.task}/${chunk.step}` === step)?.text ?? '(no such log)';
  }
}

export function aRun(id: string, content: string, changes: Partial<NewRun> = {}): NewRun {
  return {
    id: runId(id),
    project: 'shop',
    tenant: 'retail',
    priority: 'normal',
    requests: { runs: 1 },
    content,
    params: {},
    timeoutMs: null,
    ...changes,
  };
}

/** One task with one script step. */
export function onePipeline(script: string): string {
  return pipeline({
    tasks: [{ name: 'work', taskSpec: { steps: [{ name: 'do', image: 'unused', script }] } }],
  });
}

/** JSON is YAML. */
export function pipeline(spec: object): string {
  return JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name: 'p' }, spec });
}

export function pipelineRun(spec: object, pipelineSpec: object): string {
  return JSON.stringify({
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { name: 'p' },
    spec: { ...spec, pipelineSpec },
  });
}

export function task(name: string, script: string, more: object = {}): object {
  return { name, taskSpec: { steps: [{ name: 'do', script }] }, ...more };
}
