/**
 * What namespaces say of their tenants: paused, or capped. Of several namespaces of one tenant
 * the strictest counts, since tenants are what admission is fair between.
 */
import type { TenantHint } from '../../../ports/engine.ts';
import type { SeenNamespace } from '../seen-namespace.ts';

export function tenantHints(
  namespaces: Iterable<SeenNamespace>,
  tenantOf: (namespace: string) => string | null,
): readonly TenantHint[] {
  const hints = new Map<string, TenantHint>();
  for (const { name, tenant, paused, caps } of namespaces) {
    if (paused === null && Object.keys(caps).length === 0) continue;
    const of = tenantOf(name) ?? tenant ?? name;
    const before = hints.get(of);
    hints.set(of, {
      name: of,
      paused: before?.paused ?? paused,
      caps: lowest(before?.caps ?? {}, caps),
    });
  }
  return [...hints.values()];
}

function lowest(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const caps: Record<string, number> = { ...a };
  for (const [pool, units] of Object.entries(b)) caps[pool] = Math.min(units, caps[pool] ?? units);
  return caps;
}
