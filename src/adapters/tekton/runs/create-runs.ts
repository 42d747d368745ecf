/**
 * Creating held PipelineRuns, all or none as far as an API without transactions allows: all
 * are looked for and one of each kind of content is tried without effect before the first is
 * created.
 */
import { CodedError } from '../../../core/errors/catalogue.ts';
import type { RunId } from '../../../core/model/run.ts';
import { canonicalJson } from '../../../core/text/canonical-json.ts';
import type { CreateOutcome, NewRun } from '../../../ports/engine.ts';
import type { ApiOutcome, Cluster, RawObject } from '../kubernetes/api.ts';
import {
  CONTROLLER,
  HELD,
  HELD_LABEL,
  pipelineRunPath,
  pipelineRunsOf,
  REQUEST_HASH_ANNOTATION,
} from '../names.ts';
import { why } from './cancel-run.ts';
import { manifestOf, type PipelineRunManifest } from './create-run.ts';
import { idOf } from './run-ids.ts';

const REQUEST_LIMIT_MS = 30_000;
/** More would only wait in the server's queue. */
const AT_ONCE = 16;

export async function createRuns(
  cluster: Cluster,
  runs: readonly NewRun[],
  signal: AbortSignal,
): Promise<readonly CreateOutcome[]> {
  const manifests = runs.map(manifestOf);
  const there = await inTurns(manifests, (manifest) => find(cluster, manifest, signal));
  if (there.some((outcome) => outcome?.kind === 'conflict')) {
    return there.map((outcome) => outcome ?? { kind: 'skipped' });
  }
  const missing = manifests.filter((_, index) => there[index] === null);
  await inTurns(oneOfEachKind(missing), (manifest) => tryOut(cluster, manifest, signal));
  return inTurns(manifests, (manifest, index) => there[index] ?? createOne(cluster, manifest, signal));
}

async function find(
  cluster: Cluster,
  manifest: PipelineRunManifest,
  signal: AbortSignal,
): Promise<CreateOutcome | null> {
  const { namespace, name } = manifest.metadata;
  const path = pipelineRunPath(namespace, name);
  const answer = await cluster.request({ method: 'GET', path, timeoutMs: REQUEST_LIMIT_MS, signal });
  if (answer.kind === 'api-status' && answer.code === 404) return null;
  if (answer.kind !== 'ok') throw new Error(`looking for ${namespace}/${name}: ${why(answer)}`);
  const raw = answer.body as RawObject;
  const hash = manifest.metadata.annotations[REQUEST_HASH_ANNOTATION];
  if (raw.metadata.annotations?.[REQUEST_HASH_ANNOTATION] !== hash) return { kind: 'conflict' };
  return { kind: 'exists', id: idOfRaw(raw) };
}

/** Runs that differ only in their names are refused or taken alike. */
function oneOfEachKind(manifests: readonly PipelineRunManifest[]): readonly PipelineRunManifest[] {
  const kinds = new Map<string, PipelineRunManifest>();
  for (const manifest of manifests) {
    kinds.set(canonicalJson([manifest.metadata.namespace, manifest.spec]), manifest);
  }
  return [...kinds.values()];
}

async function tryOut(cluster: Cluster, manifest: PipelineRunManifest, signal: AbortSignal): Promise<void> {
  const answer = await post(cluster, manifest, { dryRun: 'All' }, signal);
  if (answer.kind !== 'ok') throw notCreated(manifest, answer);
  const { labels } = (answer.body as RawObject).metadata;
  if (labels?.[HELD_LABEL] !== HELD) throw new Error(`${whole(manifest)} is not created: ${LABEL_TAKEN}`);
}

async function createOne(
  cluster: Cluster,
  manifest: PipelineRunManifest,
  signal: AbortSignal,
): Promise<CreateOutcome> {
  const answer = await post(cluster, manifest, {}, signal);
  if (answer.kind === 'ok') return { kind: 'created', id: idOfRaw(answer.body as RawObject) };
  // Somebody was quicker, or an earlier try of this very request was.
  const there = answer.kind === 'unsent' ? null : await find(cluster, manifest, signal);
  if (there === null) throw notCreated(manifest, answer);
  return there;
}

/** Whoever else sets it is taken for a user who would pass his run off as one of ours. */
const LABEL_TAKEN = `the cluster takes the label ${HELD_LABEL} away, so nothing would ever start it; let Penstock sign in as the service account that "penstock manifests" prints, and apply these manifests`;

function whole({ metadata }: PipelineRunManifest): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function post(
  cluster: Cluster,
  manifest: PipelineRunManifest,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ApiOutcome> {
  return cluster.request({
    method: 'POST',
    path: pipelineRunsOf(manifest.metadata.namespace),
    query: { fieldManager: CONTROLLER, ...query },
    body: manifest,
    timeoutMs: REQUEST_LIMIT_MS,
    signal,
  });
}

function notCreated(manifest: PipelineRunManifest, answer: ApiOutcome): Error {
  const isVerdict = answer.kind === 'api-status' && answer.code >= 400 && answer.code < 500;
  const message = `${whole(manifest)} is not created: ${why(answer)}`;
  return isVerdict ? new CodedError('pipeline-invalid', message, { field: 'content' }) : new Error(message);
}

function idOfRaw({ metadata }: RawObject): RunId {
  return idOf(metadata.namespace ?? '', metadata.name, metadata.uid);
}

async function inTurns<In, Out>(
  items: readonly In[],
  work: (item: In, index: number) => Promise<Out> | Out,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as In, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
