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
/** Of the contents remembered, all together; beyond it they are remembered anew. */
const CHARACTERS_MAX = 1_000_000;

/** Most runs execute one of a few pipelines, and JSON is compared faster than hashed. */
export class ContentHashes {
  readonly #known = new Map<string, string>();
  #characters = 0;

  of(raw: RawObject): string {
    const content = contentOf(raw);
    const text = JSON.stringify(content);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hash = hashOf(content);
    if (text.length > CHARACTERS_MAX) return hash;
    this.#characters += text.length;
    if (this.#characters > CHARACTERS_MAX) {
      this.#known.clear();
      this.#characters = text.length;
    }
    this.#known.set(text, hash);
    return hash;
  }
}

function contentOf(raw: RawObject): readonly unknown[] {
  const spec = (raw.spec ?? {}) as Readonly<Record<string, unknown>>;
  const content = spec.pipelineSpec ?? spec.pipelineRef ?? null;
  const made =
    raw.metadata.labels?.[PAC_DEFINITION_LABEL] ??
    (raw.metadata as { generateName?: string }).generateName ??
    null;
  return [content, made];
}

function hashOf(content: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, HASH_DIGITS);
}
