/**
 * A run somebody asks Penstock to create, as the PipelineRun it becomes: held from the first
 * moment, with what it needs said in Penstock's own words.
 *
 * Always true: the same request gives the same name and the same hash, so that a repeated one
 * is recognised; whatever is wrong with the content is a CodedError, before anything is created.
 */
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { CodedError } from '../../../core/errors/catalogue.ts';
import { RUNS_POOL } from '../../../core/model/run.ts';
import { canonicalJson } from '../../../core/text/canonical-json.ts';
import { duration } from '../../../core/text/go-duration.ts';
import type { NewRun } from '../../../ports/engine.ts';
import { HELD_LABEL, PENDING, PRIORITY_LABEL, REQUEST_HASH_ANNOTATION, REQUEST_PREFIX } from '../names.ts';

export interface PipelineRunManifest {
  readonly apiVersion: 'tekton.dev/v1';
  readonly kind: 'PipelineRun';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

const NAME_LENGTH_MAX = 63;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;
const HASH_DIGITS = 8;

type Mapping = Readonly<Record<string, unknown>>;

export function manifestOf(run: NewRun): PipelineRunManifest {
  const content = contentOf(run);
  const metadata = mapping(content.metadata);
  const spec = content.kind === 'Pipeline' ? { pipelineSpec: content.spec } : mapping(content.spec);
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name: nameOf(run.id),
      namespace: run.project,
      labels: {
        ...texts(metadata.labels),
        [HELD_LABEL]: 'true',
        ...(run.priority === '' ? {} : { [PRIORITY_LABEL]: run.priority }),
      },
      annotations: {
        ...texts(metadata.annotations),
        ...requestAnnotations(run),
        [REQUEST_HASH_ANNOTATION]: requestHash(run),
      },
    },
    spec: { ...spec, ...paramsOf(run, spec), ...timeoutsOf(run, spec), status: PENDING },
  };
}

/** Ids may have capitals and "_", names of objects may not: then a hash keeps two ids apart. */
export function nameOf(id: string): string {
  if (NAME.test(id)) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_DIGITS);
  const allowed = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '');
  return `${allowed.slice(0, NAME_LENGTH_MAX - HASH_DIGITS - 1)}-${hash}`;
}

function requestHash(run: NewRun): string {
  const { id, content, params, timeoutMs } = run;
  return createHash('sha256').update(canonicalJson({ id, content, params, timeoutMs })).digest('hex');
}

function contentOf(run: NewRun): Mapping {
  let content: unknown;
  try {
    content = parse(run.content, { maxAliasCount: 100 });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw invalid(run, `is no YAML: ${why}`);
  }
  const { kind, apiVersion, spec } = mapping(content);
  if (kind !== 'Pipeline' && kind !== 'PipelineRun') {
    throw invalid(run, `kind: must be Pipeline or PipelineRun, not ${JSON.stringify(kind ?? null)}`);
  }
  if (apiVersion !== 'tekton.dev/v1') {
    throw invalid(run, `apiVersion: must be tekton.dev/v1, not ${JSON.stringify(apiVersion ?? null)}`);
  }
  if (typeof spec !== 'object' || spec === null) throw invalid(run, 'spec: must be a mapping');
  return content as Mapping;
}

function invalid(run: NewRun, why: string): CodedError {
  return new CodedError('pipeline-invalid', `content of run ${run.id}: ${why}`, { field: 'content' });
}

function mapping(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(mapping(value)).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

function requestAnnotations(run: NewRun): Readonly<Record<string, string>> {
  const asked = Object.entries(run.requests).filter(([pool]) => pool !== RUNS_POOL);
  return Object.fromEntries(
    asked.map(([pool, units]) => [`${REQUEST_PREFIX}${pool.replaceAll('/', '-')}`, String(units)]),
  );
}

function paramsOf(run: NewRun, spec: Mapping): Mapping {
  const given = Object.entries(run.params).map(([name, value]) => ({ name, value }));
  if (given.length === 0) return {};
  const inContent = Array.isArray(spec.params) ? (spec.params as readonly { name?: string }[]) : [];
  return { params: [...inContent.filter(({ name }) => !Object.hasOwn(run.params, name ?? '')), ...given] };
}

function timeoutsOf(run: NewRun, spec: Mapping): Mapping {
  if (run.timeoutMs === null) return {};
  return { timeouts: { ...mapping(spec.timeouts), pipeline: duration(run.timeoutMs) } };
}
