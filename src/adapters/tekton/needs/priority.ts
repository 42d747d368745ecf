/** The priority a run asks for: Penstock's own label, else the name of Kueue's priority class. */
import { field, type Json, shown } from './json-fields.ts';
import { isPoolName, NAME_ALLOWED } from './pool-names.ts';

const LABELS = ['penstock.dev/priority', 'kueue.x-k8s.io/priority-class'];

/** Null when the run does not say; an empty label says nothing. */
export function priorityOf(labels: Json, faults: string[]): string | null {
  for (const key of LABELS) {
    const value = field(labels, key);
    if (value === undefined || value === '') continue;
    if (typeof value === 'string' && isPoolName(value)) return value;
    faults.push(`label ${key} is ${shown(value)}; it must be the name of a priority: ${NAME_ALLOWED}`);
    return null;
  }
  return null;
}
