/**
 * `$(...)` references in texts. Those to parameters and to the run itself are filled in
 * now; results, result paths and statuses stay blank for the supervisor. Anything else
 * in `$(...)` is the shell's business and stays as it is.
 *
 * Filling in is done once: a value that looks like a reference stays what it is.
 */
import type { Blank, Text } from '../plan.ts';
import type { Field } from './field.ts';
import type { ParamValue } from './params.ts';

export interface ReferenceScope {
  readonly params: ReadonlyMap<string, ParamValue>;
  /** Such as `context.pipelineRun.name`. */
  readonly context: ReadonlyMap<string, string>;
  /** Results this task declares. */
  readonly results: readonly string[];
  /** Every other task's result or status a text refers to is noted here and checked when all tasks are known. */
  readonly uses: TaskUse[];
}

/** In a use of `$(tasks.status)`, which is of no single task. */
export const ALL_TASKS = '';

export interface TaskUse {
  readonly field: Field;
  readonly task: string;
  /** The result; null for the task's status. */
  readonly result: string | null;
}

const REFERENCE = /\$\(((?:params|context|tasks|results|workspaces|steps|step|finally)[.[][^()\s]*)\)/g;
const NAME = `(?:\\.([A-Za-z0-9_-]+)|\\[(?:"([^"\\]]+)"|'([^'\\]]+)')\\])`;
const PARAM = new RegExp(`^params${NAME}(?:\\[(\\d+|\\*)\\])?$`);
const RESULT_PATH = new RegExp(`^results${NAME}\\.path$`);
const TASK_RESULT = new RegExp(`^tasks\\.([A-Za-z0-9-]+)\\.results${NAME}$`);
const TASK_STATUS = /^tasks\.([A-Za-z0-9-]+)\.status$/;

export function fillText(field: Field, scope: ReferenceScope): Text {
  return fill(field, field.text(), scope);
}

/** For lists of arguments: `$(params.list[*])` alone becomes as many arguments as the list has. */
export function fillArguments(list: Field, scope: ReferenceScope): readonly Text[] {
  return list.items().flatMap((item): readonly Text[] => {
    const name = /^\$\(params([^()]*)\[\*\]\)$/.exec(item.text())?.[1];
    if (name === undefined) return [fillText(item, scope)];
    const value = paramValue(item, `params${name}[*]`, scope);
    if (typeof value === 'string') throw item.invalid(`${item.text()} needs a parameter of type array`);
    return value;
  });
}

/** Text that may only use what is known when the run is created. */
export function fillNow(field: Field, text: string, scope: ReferenceScope): string {
  const filled = fill(field, text, scope);
  if (typeof filled === 'string') return filled;
  throw field.unsupported(
    'results and statuses of tasks are supported in script, command, args, env and workingDir only',
  );
}

function fill(field: Field, text: string, scope: ReferenceScope): Text {
  const parts: (string | Blank)[] = [];
  let done = 0;
  for (const match of text.matchAll(REFERENCE)) {
    parts.push(text.slice(done, match.index), resolved(field, match[1] ?? '', scope));
    done = match.index + match[0].length;
  }
  parts.push(text.slice(done));
  return parts.every((part) => typeof part === 'string')
    ? parts.join('')
    : parts.filter((part) => part !== '');
}

function resolved(field: Field, reference: string, scope: ReferenceScope): string | Blank {
  if (reference.startsWith('params')) {
    const value = paramValue(field, reference, scope);
    if (typeof value === 'string') return value;
    const parameter = reference.replace('[*]', '');
    throw field.invalid(
      `$(${reference}) is a list, which can only be a whole item of command or args: $(${parameter}[*])`,
    );
  }
  const known = scope.context.get(reference);
  if (known !== undefined) return known;
  return blankOf(field, reference, scope) ?? fail(field, reference, scope);
}

function blankOf(field: Field, reference: string, scope: ReferenceScope): Blank | null {
  const own = RESULT_PATH.exec(reference);
  if (own !== null) {
    const name = nameIn(own, 1);
    if (scope.results.includes(name)) return { kind: 'result-path', name };
    throw field.invalid(`$(${reference}): the task declares no result "${name}"`);
  }
  const result = TASK_RESULT.exec(reference);
  if (result !== null) {
    const task = nameIn(result, 1);
    const name = nameIn(result, 2);
    scope.uses.push({ field, task, result: name });
    return { kind: 'result', task, name };
  }
  if (reference !== 'tasks.status' && !TASK_STATUS.test(reference)) return null;
  const task = TASK_STATUS.exec(reference)?.[1] ?? null;
  scope.uses.push({ field, task: task ?? ALL_TASKS, result: null });
  return { kind: 'status', task };
}

/** The first group that matched, from this one on: names come plain or in either kind of quotes. */
function nameIn(match: RegExpExecArray, from: number): string {
  return match.slice(from).find((group) => group !== undefined) ?? '';
}

function fail(field: Field, reference: string, scope: ReferenceScope): never {
  const known = reference.startsWith('context')
    ? [...scope.context.keys()].map((name) => `$(${name})`).join(', ')
    : '$(params.NAME), $(results.NAME.path), $(tasks.TASK.results.NAME) and some of $(context...)';
  throw field.unsupported(`$(${reference}) is not supported by the local engine; it knows ${known}`);
}

function paramValue(field: Field, reference: string, scope: ReferenceScope): ParamValue {
  const match = PARAM.exec(reference);
  const name = match?.[1] ?? match?.[2] ?? match?.[3];
  const value = name === undefined ? undefined : scope.params.get(name);
  if (value === undefined) {
    const names = [...scope.params.keys()];
    const declared = names.length === 0 ? 'none is declared' : `declared are ${names.join(', ')}`;
    throw field.invalid(`$(${reference}) is not a declared parameter; ${declared}`);
  }
  const index = match?.[4];
  if (index === undefined || index === '*') return value;
  const item = typeof value === 'string' ? undefined : value[Number(index)];
  if (item === undefined) throw field.invalid(`$(${reference}): the parameter has no item ${index}`);
  return item;
}
