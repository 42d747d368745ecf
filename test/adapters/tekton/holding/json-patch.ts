/** Applies our JSON patches (RFC 6902: add and remove on mappings, which is all they have). */
import type { PatchOperation } from '../../../../src/adapters/tekton/holding/rules.ts';

type Mapping = Readonly<Record<string, unknown>>;

export function patched(document: Mapping, patch: readonly PatchOperation[]): Mapping {
  const copy = structuredClone(document) as Record<string, unknown>;
  for (const operation of patch) {
    const steps = operation.path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    let place = copy;
    for (const step of steps) place = mappingAt(place, step);
    if (operation.op === 'add') place[last] = structuredClone(operation.value);
    else if (Object.hasOwn(place, last)) delete place[last];
    else throw new Error(`there is nothing to remove at ${operation.path}`);
  }
  return copy;
}

function mappingAt(place: Record<string, unknown>, step: string): Record<string, unknown> {
  const value = Object.hasOwn(place, step) ? place[step] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`there is no mapping at ${step}`);
  }
  return value as Record<string, unknown>;
}
