/**
 * Names as labels, so many and no more: a series for each of a thousand tenants would drown
 * the server that keeps them.
 */
export const OTHER = 'other';

/** Enough to see who is who. */
export const TENANTS_SHOWN = 50;
/** Pools come from configuration, host-config and metrics; few clusters have more. */
export const POOLS_SHOWN = 100;

/** The first `most` names keep theirs for the life of the process; later ones share one. */
export function boundedNames(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return OTHER;
    known.add(name);
    return name;
  };
}

/** The same name has the same label in all metrics of one registry. */
export interface LabelNames {
  readonly tenant: (name: string) => string;
  readonly pool: (name: string) => string;
}

export function labelNames(): LabelNames {
  return { tenant: boundedNames(TENANTS_SHOWN), pool: boundedNames(POOLS_SHOWN) };
}
