/** Any order of an operator, and what stands after it: plain lists, to be read and believed. */
import fc from 'fast-check';
import type { RunId } from '../../src/core/model/run.ts';
import type { ControlOrder, Controls, PauseTarget } from '../../src/ports/store.ts';

/** Few of each, so that the same ones meet often. */
export interface Few {
  readonly ids: fc.Arbitrary<RunId>;
  readonly instants: fc.Arbitrary<number>;
  readonly names: fc.Arbitrary<string>;
}

export function anOrder({ ids, instants, names }: Few): fc.Arbitrary<ControlOrder> {
  const target: fc.Arbitrary<PauseTarget> = fc.oneof(
    fc.constant({ scope: 'everything' } as const),
    fc.record({ scope: fc.constantFrom('tenant', 'pool'), name: names }),
  );
  const by = names;
  return fc.oneof(
    fc
      .record({ target, by, reason: fc.option(names), sinceMs: instants })
      .map((pause) => ({ kind: 'pause', pause }) as const),
    target.map((one) => ({ kind: 'resume', target: one }) as const),
    fc
      .record({ tenant: names, pool: names, units: fc.integer({ min: 0, max: 2 }), by, sinceMs: instants })
      .map((cap) => ({ kind: 'cap', cap }) as const),
    fc.record({ kind: fc.constant('uncap' as const), tenant: names, pool: names }),
    fc.record({ runId: ids, by, atMs: instants }).map((front) => ({ kind: 'front', front }) as const),
    ids.map((runId) => ({ kind: 'unfront', runId }) as const),
  );
}

/** Null when there is nothing to change. */
export function afterOrder(now: Controls, order: ControlOrder): Controls | null {
  switch (order.kind) {
    case 'pause': {
      const stands = now.pauses.some((pause) => nameOf(pause.target) === nameOf(order.pause.target));
      const pauses = [...now.pauses, order.pause].toSorted((a, b) =>
        inOrder(nameOf(a.target), nameOf(b.target)),
      );
      return stands ? null : { ...now, pauses };
    }
    case 'resume': {
      const pauses = now.pauses.filter((pause) => nameOf(pause.target) !== nameOf(order.target));
      return pauses.length === now.pauses.length ? null : { ...now, pauses };
    }
    case 'cap': {
      const { tenant, pool, units } = order.cap;
      const others = now.caps.filter((cap) => cap.tenant !== tenant || cap.pool !== pool);
      const same = now.caps.some((cap) => !others.includes(cap) && cap.units === units);
      const caps = [...others, order.cap].toSorted(
        (a, b) => inOrder(a.tenant, b.tenant) || inOrder(a.pool, b.pool),
      );
      return same ? null : { ...now, caps };
    }
    case 'uncap': {
      const caps = now.caps.filter((cap) => cap.tenant !== order.tenant || cap.pool !== order.pool);
      return caps.length === now.caps.length ? null : { ...now, caps };
    }
    case 'front': {
      const others = now.fronts.filter((front) => front.runId !== order.front.runId);
      return { ...now, fronts: [order.front, ...others] };
    }
    case 'unfront': {
      const fronts = now.fronts.filter((front) => front.runId !== order.runId);
      return fronts.length === now.fronts.length ? null : { ...now, fronts };
    }
  }
}

function nameOf(target: PauseTarget): string {
  return target.scope === 'everything' ? target.scope : `${target.scope} ${target.name}`;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
