/**
 * Names of pools as runs write them, matched with the pools there are. Annotations cannot hold
 * a "/", and Konflux writes "linux/x86_64" as "linux-x86-64", so names are compared without
 * regard to "/", "_", "-" and case.
 *
 * Always true: a name that is no known pool stays as it was written, and admission then says
 * that there is no such pool.
 */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9])?$/;

export const NAME_ALLOWED =
  'at most 200 letters, digits, ".", "_", "-" and "/", beginning and ending with a letter or digit';

export function isPoolName(text: string): boolean {
  return NAME.test(text);
}

/** Equal for names that mean the same pool. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[/_]/g, '-');
}

export interface PoolNames {
  /** The known pool of that name, else the name as it is. */
  match(written: string): string;
  /** Asks for nothing: it has no cap and is no pool. */
  isUnlimited(written: string): boolean;
}

export function poolNames(known: readonly string[], unlimited: readonly string[]): PoolNames {
  const exact = new Set(known);
  const byNormalName = new Map<string, string>();
  for (const pool of known) {
    const normal = normalName(pool);
    if (!byNormalName.has(normal)) byNormalName.set(normal, pool);
  }
  const free = new Set(unlimited.map(normalName).filter((normal) => !byNormalName.has(normal)));
  return {
    match: (written) => (exact.has(written) ? written : (byNormalName.get(normalName(written)) ?? written)),
    isUnlimited: (written) => free.has(normalName(written)),
  };
}
