/**
 * The two patches that custom resources take: RFC 6902 (test, add, replace, remove) and
 * RFC 7386 merge patches. A patch that cannot be applied is refused as the real server does.
 */
import { isDeepStrictEqual } from 'node:util';
import { type FakeObject, Refusal } from './objects.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** All or nothing: a failing test anywhere leaves the object as it was. */
export function jsonPatched(object: FakeObject, patch: unknown): FakeObject {
  if (!Array.isArray(patch)) throw new Refusal(400, 'BadRequest', 'a JSON patch is a list of operations');
  const copy = structuredClone(object);
  for (const operation of patch as readonly Operation[]) apply(copy, operation);
  return copy;
}

function apply(root: unknown, { op, path, value }: Operation): void {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let parent: unknown = root;
  for (const step of steps) parent = own(parent, step);
  if (typeof parent !== 'object' || parent === null) throw unprocessable();
  const there = own(parent, last);
  if (op === 'test') {
    if (!isDeepStrictEqual(there, value)) throw unprocessable();
    return;
  }
  if (op !== 'add' && op !== 'replace' && op !== 'remove') throw unprocessable();
  if (op !== 'add' && there === undefined) throw unprocessable();
  write(parent, last, op, value);
}

function write(parent: object, last: string, op: 'add' | 'replace' | 'remove', value: unknown): void {
  if (!Array.isArray(parent)) {
    if (op === 'remove') Reflect.deleteProperty(parent, last);
    else Reflect.set(parent, last, structuredClone(value));
    return;
  }
  const index = last === '-' ? parent.length : Number(last);
  if (!Number.isInteger(index) || index < 0 || index > parent.length) throw unprocessable();
  parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value)]));
}

function own(parent: unknown, step: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step)) return undefined;
  return Reflect.get(parent, step);
}

/** The body does not say what failed. */
function unprocessable(): Refusal {
  return new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request');
}

export function mergePatched(object: FakeObject, patch: unknown): FakeObject {
  return merged(object, patch) as FakeObject;
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return structuredClone(patch);
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isMap ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
