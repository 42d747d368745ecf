/** The operators' orders of the store in memory: what stands, and the audit log. */
import { assert } from '../../src/core/assert.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';
import type { RunId } from '../../src/core/model/run.ts';
import {
  AUDIT_ENTRIES_MAX,
  type AuditEntry,
  type AuditPage,
  type ControlOrder,
  type Controls,
  type Front,
  type Pause,
  type PauseTarget,
  type TenantCap,
} from '../../src/ports/store.ts';

export class MemoryControls {
  readonly #pauses = new Map<string, Pause>();
  readonly #caps = new Map<string, TenantCap>();
  #fronts: readonly Front[] = [];
  #audit: { readonly seq: number; readonly entry: AuditEntry }[] = [];
  #entries = 0;

  standing(): Controls {
    return { pauses: sorted(this.#pauses), caps: sorted(this.#caps), fronts: this.#fronts };
  }

  carryOut(order: ControlOrder, entry: AuditEntry): boolean {
    if (!this.#change(order)) return false;
    this.log(entry);
    return true;
  }

  log(entry: AuditEntry): void {
    this.#entries += 1;
    this.#audit.unshift({ seq: this.#entries, entry });
    this.#audit = this.#audit.slice(0, AUDIT_ENTRIES_MAX);
  }

  endFronts(runIds: readonly RunId[]): void {
    this.#fronts = this.#fronts.filter((front) => !runIds.includes(front.runId));
  }

  audit({ limit, before }: { readonly limit: number; readonly before: string | null }): AuditPage {
    assert(limit >= 1 && limit <= 1000, 'a page has 1 to 1000 entries');
    const beforeSeq = before === null ? Number.POSITIVE_INFINITY : seqOf(before);
    const rest = this.#audit.filter(({ seq }) => seq < beforeSeq);
    const page = rest.slice(0, limit);
    const next = rest.length > limit ? String(page.at(-1)?.seq) : null;
    return { entries: page.map(({ entry }) => entry), next };
  }

  #change(order: ControlOrder): boolean {
    switch (order.kind) {
      case 'pause': {
        const key = keyOf(order.pause.target);
        if (this.#pauses.has(key)) return false;
        this.#pauses.set(key, order.pause);
        return true;
      }
      case 'resume':
        return this.#pauses.delete(keyOf(order.target));
      case 'cap': {
        const key = `${order.cap.tenant}\0${order.cap.pool}`;
        if (this.#caps.get(key)?.units === order.cap.units) return false;
        this.#caps.set(key, order.cap);
        return true;
      }
      case 'uncap':
        return this.#caps.delete(`${order.tenant}\0${order.pool}`);
      case 'front':
        this.endFronts([order.front.runId]);
        this.#fronts = [order.front, ...this.#fronts];
        return true;
      case 'unfront': {
        const before = this.#fronts.length;
        this.endFronts([order.runId]);
        return this.#fronts.length < before;
      }
    }
  }
}

function keyOf(target: PauseTarget): string {
  return target.scope === 'everything' ? target.scope : `${target.scope}\0${target.name}`;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
    field: 'before',
  });
}
