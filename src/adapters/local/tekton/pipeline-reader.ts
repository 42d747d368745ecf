/**
 * Reads a Tekton v1 Pipeline, or a PipelineRun with an embedded one, into the plan of a
 * run. Everything that could turn out wrong is found here, before the run exists.
 */
import { CodedError } from '../../../core/errors/catalogue.ts';
import { duration } from '../../../core/text/go-duration.ts';
import type { Plan, Timeouts } from '../plan.ts';
import { described, Field } from './field.ts';
import {
  fromOutside,
  type ParamDeclaration,
  type ParamValue,
  readDeclarations,
  readGiven,
} from './params.ts';
import { FILE, METADATA, PIPELINE_RUN_SPEC, PIPELINE_SPEC, TIMEOUTS } from './shapes.ts';
import { parseFile } from './source.ts';
import { orderFinally, orderTasks } from './task-order.ts';
import { type PipelineScope, positive, readTask } from './task-reader.ts';

/** Tekton's default for a whole pipeline. */
const DEFAULT_TIMEOUT_MS = 60 * 60 * 1000;

export interface PipelineFile {
  readonly kind: 'Pipeline' | 'PipelineRun';
  readonly metadata: Field;
  readonly name: string;
  /** Of the Pipeline, or the embedded `pipelineSpec`. */
  readonly spec: Field;
  readonly declared: readonly ParamDeclaration[];
  /** Values the file itself gives. */
  readonly given: ReadonlyMap<string, ParamValue>;
  readonly timeouts: Field;
}

export function readPipelineFile(text: string, fileName: string): PipelineFile {
  const { source, value } = parseFile(text, fileName);
  const file = new Field(source, [], value).shaped(FILE);
  const version = file.at('apiVersion');
  if (version.text() !== 'tekton.dev/v1')
    throw version.invalid(`must be tekton.dev/v1, not ${described(version.value)}`);
  const kind = file.at('kind');
  if (kind.value !== 'Pipeline' && kind.value !== 'PipelineRun') {
    throw kind.invalid(`must be Pipeline or PipelineRun, not ${described(kind.value ?? null)}`);
  }
  const metadata = file.at('metadata').shaped(METADATA);
  const spec = readSpec(file.at('spec'), kind.value);
  const declared = readDeclarations(spec.at('params'));
  const isRun = kind.value === 'PipelineRun';
  return {
    kind: kind.value,
    metadata,
    name: readName(metadata),
    spec,
    declared,
    given: isRun ? readGiven(file.at('spec').at('params'), declared) : new Map(),
    timeouts: file.at('spec').at('timeouts'),
  };
}

function readSpec(spec: Field, kind: PipelineFile['kind']): Field {
  if (kind === 'Pipeline') return spec.shaped(PIPELINE_SPEC);
  spec.shaped(PIPELINE_RUN_SPEC);
  // Every run is held here anyway.
  spec.at('status').oneOf(['PipelineRunPending'], 'PipelineRunPending');
  const embedded = spec.at('pipelineSpec');
  if (!embedded.isThere) throw embedded.invalid('is required: the local engine runs embedded pipelines');
  return embedded.shaped(PIPELINE_SPEC);
}

function readName(metadata: Field): string {
  if (metadata.at('name').isThere) return metadata.at('name').name();
  const prefix = metadata.at('generateName');
  if (!prefix.isThere) throw metadata.at('name').invalid('is required (or generateName)');
  const name = prefix.text().replace(/-+$/, '');
  if (/^[a-z0-9]([-a-z0-9]{0,56}[a-z0-9])?$/.test(name)) return name;
  throw prefix.invalid(`must be 1 to 58 lower-case letters, digits and "-", not ${described(prefix.value)}`);
}

export interface PlanRequest {
  readonly id: string;
  readonly project: string;
  readonly params: Readonly<Record<string, string>>;
  readonly timeoutMs: number | null;
  readonly env: Readonly<Record<string, string>>;
  /** When only the file is checked, a parameter without a value is no mistake yet. */
  readonly missingParamsAllowed: boolean;
}

export function makePlan(file: PipelineFile, request: PlanRequest): Plan {
  const scope = pipelineScope(file, request);
  const tasks = file.spec
    .at('tasks')
    .items()
    .map((item) => readTask(item, scope));
  if (tasks.length === 0) throw file.spec.at('tasks').invalid('must list at least one task');
  const last = file.spec
    .at('finally')
    .items()
    .map((item) => readTask(item, scope));
  return {
    timeouts: readTimeouts(file.timeouts, request.timeoutMs),
    tasks: orderTasks(tasks),
    finally: orderFinally(last, tasks),
    env: request.env,
  };
}

function pipelineScope(file: PipelineFile, request: PlanRequest): PipelineScope {
  const given = new Map([...file.given, ...fromOutside(request.params, file.declared)]);
  const defaults = new Map<string, ParamValue>();
  for (const [index, { name, default: value, type }] of file.declared.entries()) {
    if (value !== null) defaults.set(name, value);
    else if (request.missingParamsAllowed) defaults.set(name, type === 'array' ? [] : '');
    else if (!given.has(name)) {
      const field = file.spec.at('params').items()[index] ?? file.spec.at('params');
      throw field.invalid(`parameter "${name}" has no default, so a value must be given`);
    }
  }
  const context = new Map([
    ['context.pipelineRun.name', request.id],
    ['context.pipelineRun.namespace', request.project],
    ['context.taskRun.namespace', request.project],
    ['context.pipeline.name', file.name],
  ]);
  return { given, defaults, context };
}

/** As in Tekton: what is not said of tasks and finally is what the other leaves of the whole. */
function readTimeouts(field: Field, overrideMs: number | null): Timeouts {
  if (field.isThere) field.shaped(TIMEOUTS);
  const tasksMs = field.at('tasks').durationMs();
  const finallyMs = field.at('finally').durationMs();
  const ownMs = field.at('pipeline').durationMs() ?? DEFAULT_TIMEOUT_MS;
  if (ownMs > 0 && (tasksMs ?? 0) + (finallyMs ?? 0) > ownMs) {
    throw field.invalid(
      `tasks and finally together must not exceed ${duration(ownMs)}, the timeout of the pipeline`,
    );
  }
  if (overrideMs !== null) {
    if (Number.isSafeInteger(overrideMs) && overrideMs > 0) {
      return { pipelineMs: overrideMs, tasksMs: positive(tasksMs), finallyMs: positive(finallyMs) };
    }
    throw new CodedError(
      'request-invalid',
      `timeoutMs: must be a whole number of at least 1, not ${overrideMs}`,
      {
        field: 'timeoutMs',
      },
    );
  }
  const rest = (other: number | null) => (ownMs > 0 && other !== null && other > 0 ? ownMs - other : null);
  return {
    pipelineMs: positive(ownMs),
    tasksMs: tasksMs === null ? rest(finallyMs) : positive(tasksMs),
    finallyMs: finallyMs === null ? rest(tasksMs) : positive(finallyMs),
  };
}
