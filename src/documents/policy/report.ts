/**
 * What reading a policy file found: the policies, and every problem with its place.
 */
import type { Policy } from '../../core/policy/model.ts';
import type { SurpriseCode } from '../../core/policy/surprise.ts';
import { complaint, fieldText } from '../problem-text.ts';
import type { Path, Place } from '../yaml/places.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

export interface PolicyProblem {
  readonly severity: 'error' | 'warning';
  readonly code: 'policy-invalid' | 'yaml-invalid' | SurpriseCode;
  /** Null: the file as a whole, or a document that came without a text. */
  readonly place: Place | null;
  /** `spec.schedule.startTime`; empty for the document as a whole. */
  readonly field: string;
  /** With the field in it; ends in a full stop or a question mark. */
  readonly message: string;
}

export interface ReadPolicy {
  readonly policy: Policy;
  /** Of the policy in its document: empty, or the item of a list. */
  readonly path: Path;
  readonly document: PolicyDocument;
}

/** The path of what a policy executes, in its document. */
export function contentPath({ policy, path }: ReadPolicy): Path {
  switch (policy.content.kind) {
    case 'gitlab-include':
      return [...path, 'content', 'include', 0, 'file'];
    case 'pipeline-file':
      return ['spec', 'content', 'pipelineFile'];
    case 'pipeline-reference':
      return ['spec', 'content', 'pipelineRef'];
    case 'pipeline-inline':
      return ['spec', 'content', 'pipelineSpec'];
  }
}

export interface PolicyReport {
  /** None where anything is wrong with them; a file of GitLab's is right as a whole or not at all. */
  readonly policies: readonly ReadPolicy[];
  /** In the order of the file. */
  readonly problems: readonly PolicyProblem[];
}

export function inFileOrder(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  const rank = ({ place }: PolicyProblem): number =>
    place === null ? 0 : place.line * 100_000 + place.column;
  return problems.toSorted((a, b) => rank(a) - rank(b));
}

/** A document as its reader has it: the value, and where its parts stand when it came as a text. */
export interface PolicyDocument {
  readonly value: unknown;
  readonly places: YamlDocument | null;
}

/** Collects what is wrong or surprising in one document. */
export class Problems {
  readonly found: PolicyProblem[] = [];
  readonly #document: PolicyDocument;

  constructor(document: PolicyDocument) {
    this.#document = document;
  }

  get hasErrors(): boolean {
    return this.found.some(({ severity }) => severity === 'error');
  }

  placeOf(path: Path): Place | null {
    return this.#document.places?.keyPlace(path) ?? null;
  }

  /** `message` is a schema's: what the value must be. */
  error(path: Path, message: string): void {
    const text = complaint(this.#document.value, path, message);
    this.#add('error', 'policy-invalid', path, text);
  }

  /** `message` goes on after the field: "is over already". */
  warning(code: SurpriseCode, path: Path, message: string): void {
    this.#add('warning', code, path, `${message}.`);
  }

  #add(severity: PolicyProblem['severity'], code: PolicyProblem['code'], path: Path, text: string): void {
    const field = fieldText(path);
    const subject = field === '' ? 'the document' : field;
    this.found.push({ severity, code, place: this.placeOf(path), field, message: `${subject} ${text}` });
  }
}
