/**
 * What happens to a PipelineRun at its creation in a namespace where Penstock holds. The one
 * definition: the policy's CEL is made from it, and our webhook obeys it.
 *
 * 1. A run that would start now is made pending, and labelled in the same breath. So the
 *    label proves who made it pending: a run created pending by its owner has none.
 * 2. Any other run that carries the label nevertheless was given it by its author. It loses
 *    it, or it would look like one of ours and be started.
 *
 * Always true: at most one rule applies to a run; nothing but labels and `spec.status` is
 * touched; a run no rule applies to stays as it is, to the byte.
 *
 * The second rule would undo the first if it saw its result, and the object alone cannot tell
 * the two apart. So a run must be shown to it once, as its author sent it: the policy is one
 * policy (the API server goes through several in random order) that is not invoked again.
 */
import { HELD, HELD_LABEL, MANAGED_BY_TEKTON, PENDING } from '../names.ts';
import { both, type Condition, HAS_LABELS, hasLabel, not, specFieldIsUnsetOr } from './condition.ts';

/** RFC 6902. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: string | Readonly<Record<string, never>> }
  | { readonly op: 'remove'; readonly path: string };

interface RuleOperation {
  /** Where it is needed; null means always. */
  readonly when: Condition | null;
  readonly operation: PatchOperation;
}

export interface Rule {
  readonly name: string;
  /** What must hold besides that no earlier rule applies. */
  readonly when: Condition;
  readonly operations: readonly RuleOperation[];
}

const HELD_PATH = `/metadata/labels/${escaped(HELD_LABEL)}`;

export const HOLD_RULE: Rule = {
  name: 'hold',
  when: both(
    specFieldIsUnsetOr('status', ['']),
    // Whoever else manages it starts it elsewhere, and Tekton here never will.
    specFieldIsUnsetOr('managedBy', ['', MANAGED_BY_TEKTON]),
  ),
  operations: [
    { when: not(HAS_LABELS), operation: { op: 'add', path: '/metadata/labels', value: {} } },
    { when: null, operation: { op: 'add', path: HELD_PATH, value: HELD } },
    { when: null, operation: { op: 'add', path: '/spec/status', value: PENDING } },
  ],
};

export const STRIP_RULE: Rule = {
  name: 'strip-held-label',
  when: hasLabel(HELD_LABEL),
  operations: [{ when: null, operation: { op: 'remove', path: HELD_PATH } }],
};

/** The first that applies to a run is the only one that does. */
export const RULES: readonly Rule[] = [HOLD_RULE, STRIP_RULE];

/** RFC 6901: a key as one step of a JSON pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function ruleFor(run: Readonly<Record<string, unknown>>): Rule | null {
  return RULES.find(({ when }) => when.holds(run)) ?? null;
}

/** What a rule that applies to a run changes of it. */
export function patchBy(rule: Rule, run: Readonly<Record<string, unknown>>): readonly PatchOperation[] {
  return rule.operations.filter(({ when }) => when?.holds(run) ?? true).map(({ operation }) => operation);
}

/** All rules as a CEL expression: the list of JSONPatch that they make of `object`. */
export function celPatch(): string {
  const choices = RULES.map(({ when, operations }) => `${when.cel}\n? ${celOperations(operations)}`);
  return [...choices, '[]'].join('\n: ');
}

/** The conditions, each an expression, under which a rule applies: its own, and that no earlier one does. */
export function celConditions(rule: Rule): readonly { readonly name: string; readonly cel: string }[] {
  const earlier = RULES.slice(0, RULES.indexOf(rule));
  return [
    ...earlier.map(({ name, when }) => ({ name: `not-${name}`, cel: not(when).cel })),
    { name: rule.name, cel: rule.when.cel },
  ];
}

function celOperations(operations: readonly RuleOperation[]): string {
  const lists = operations.map(({ when, operation }) => {
    const list = `[${celOperation(operation)}]`;
    return when === null ? list : `(${when.cel} ? ${list} : [])`;
  });
  return lists.join('\n  + ');
}

function celOperation(operation: PatchOperation): string {
  const path = JSON.stringify(operation.path);
  if (operation.op === 'remove') return `JSONPatch{op: "remove", path: ${path}}`;
  const value = typeof operation.value === 'string' ? JSON.stringify(operation.value) : '{}';
  return `JSONPatch{op: "add", path: ${path}, value: ${value}}`;
}
