/**
 * Conditions of rules, written in CEL (https://cel.dev), as Kubernetes and tekton-kueue have them.
 *
 * Always true: what `compileCondition` accepts has been type-checked and yields a boolean; it
 * takes time at most proportional to the run's labels, params and lists, since there are no
 * regular expressions (JavaScript's may take for ever) and no loops within loops; and asking
 * it never throws. Reading a label, annotation or param that the run lacks answers no, as a
 * condition about something absent does not hold.
 */
import { type ASTNode, Environment, EvaluationError, type ParseResult } from '@marcbachmann/cel-js';
import { NO, type RuleAnswer, type RunFacts, YES } from '../core/needs/rule.ts';

const TEXT_LENGTH_MAX = 2_000;
const NODES_MAX = 200;
const DEPTH_MAX = 30;
const LIST_ITEMS_MAX = 100;

export type Compiled =
  | { readonly kind: 'condition'; readonly ask: (facts: ConditionFacts) => RuleAnswer }
  | { readonly kind: 'wrong'; readonly why: string };

/** `pool` is there for conditions that are asked about one pool. */
export type ConditionFacts = RunFacts & { readonly pool?: string };

const OPERATORS = new Set('value id . [] list call rcall ?: || && !_ == != in < <= > >='.split(' '));
const LOOPS = new Set(['all', 'exists', 'exists_one']);
const FUNCTIONS = new Set([...LOOPS, 'has', 'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii']);

/** The package's codes for reading what is not there. */
const ABSENT = new Set(['no_such_key', 'index_out_of_bounds']);

const ABOUT_RUN = environment();
const ABOUT_POOL = environment().registerVariable('pool', 'string');

function environment(): Environment {
  const limits = {
    maxAstNodes: NODES_MAX,
    maxDepth: DEPTH_MAX,
    maxListElements: LIST_ITEMS_MAX,
    maxMapEntries: 0,
    maxCallArguments: 2,
  };
  return new Environment({ limits })
    .registerVariable('project', 'string')
    .registerVariable('projectLabels', 'map<string, string>')
    .registerVariable('labels', 'map<string, string>')
    .registerVariable('annotations', 'map<string, string>')
    .registerVariable('params', 'map<string, string>')
    .registerVariable('lists', 'map<string, list<string>>');
}

export function compileCondition(text: string, about: 'run' | 'pool'): Compiled {
  if (text.length > TEXT_LENGTH_MAX) return wrong(`it is longer than ${TEXT_LENGTH_MAX} characters`);
  try {
    const program = (about === 'pool' ? ABOUT_POOL : ABOUT_RUN).parse(text);
    const refused = refusal(program.ast, 0);
    if (refused !== null) return wrong(refused);
    const { valid, type, error } = program.check();
    if (!valid) return wrong(summary(error));
    if (type !== 'bool') return wrong(`it yields ${type ?? 'nothing'}, not true or false`);
    return { kind: 'condition', ask: (facts) => answer(program, facts) };
  } catch (error) {
    return wrong(summary(error));
  }
}

function answer(program: ParseResult, facts: ConditionFacts): RuleAnswer {
  try {
    return program({ ...facts }) === true ? YES : NO;
  } catch (error) {
    if (error instanceof EvaluationError && ABSENT.has(error.code)) return NO;
    return { kind: 'unanswerable', why: summary(error) };
  }
}

/** Why an expression could take too long or fail on some run; null when it cannot. */
function refusal(node: ASTNode, loops: number): string | null {
  const { op, args } = node;
  if (!OPERATORS.has(op)) return `it uses "${op.replace('_', '')}", which conditions do not have`;
  const called = op === 'call' || op === 'rcall' ? String((args as readonly unknown[])[0]) : null;
  if (called !== null && !FUNCTIONS.has(called)) {
    return `it calls ${called}(); conditions have ${[...FUNCTIONS].join(', ')}`;
  }
  const depth = loops + (called !== null && LOOPS.has(called) ? 1 : 0);
  if (depth > 1) return `it calls ${called}() within another all, exists or exists_one`;
  for (const child of nodesIn(args)) {
    const refused = refusal(child, depth);
    if (refused !== null) return refused;
  }
  return null;
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

function wrong(why: string): Compiled {
  return { kind: 'wrong', why };
}

/** The first line: below it the package draws the place, which a one-line message has no room for. */
function summary(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first.slice(0, 200);
}
