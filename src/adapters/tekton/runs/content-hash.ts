/**
 * What a PipelineRun executes, as a hash: its embedded pipeline or its reference to one, and
 * the definition it was made from where that can be told. Params do not count, since they
 * differ with every commit; so the runs of one component's pipeline are one series.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/text/canonical-json.ts';
import type { RawObject } from '../kubernetes/api.ts';

/** Pipelines-as-Code: the name of the file's PipelineRun, from which each event makes one. */
const PAC_DEFINITION_LABEL = 'pipelinesascode.tekton.dev/original-prname';
const HASH_DIGITS = 16;

export function contentHashOf(raw: RawObject): string {
  const spec = (raw.spec ?? {}) as Readonly<Record<string, unknown>>;
  const content = spec.pipelineSpec ?? spec.pipelineRef ?? null;
  const made =
    raw.metadata.labels?.[PAC_DEFINITION_LABEL] ??
    (raw.metadata as { generateName?: string }).generateName ??
    null;
  return createHash('sha256')
    .update(canonicalJson([content, made]))
    .digest('hex')
    .slice(0, HASH_DIGITS);
}
