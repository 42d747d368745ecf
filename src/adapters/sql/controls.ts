/**
 * What operators ordered and what stands until it is taken back.
 *
 * Always true: an order that changes something is in the audit log in the same transaction,
 * and one that changes nothing is not.
 */
import { type RunId, runId } from '../../core/model/run.ts';
import type {
  AuditEntry,
  ControlOrder,
  Controls,
  Front,
  Pause,
  PauseTarget,
  TenantCap,
} from '../../ports/store.ts';
import { addToAudit } from './audit.ts';
import { inChunks } from './chunks.ts';
import { byCodeUnits } from './json-text.ts';
import type { PauseTable, Tx } from './schema.ts';

export async function readControls(tx: Tx): Promise<Controls> {
  const [pauses, caps, fronts] = await Promise.all([
    tx.selectFrom('pause').selectAll().execute(),
    tx.selectFrom('tenant_cap').selectAll().execute(),
    tx.selectFrom('front').selectAll().orderBy('place', 'desc').execute(),
  ]);
  pauses.sort((a, b) => byCodeUnits(a.scope, b.scope) || byCodeUnits(a.name, b.name));
  caps.sort((a, b) => byCodeUnits(a.tenant, b.tenant) || byCodeUnits(a.pool, b.pool));
  return {
    pauses: pauses.map(pauseOf),
    caps: caps.map((row) => ({
      tenant: row.tenant,
      pool: row.pool,
      units: row.units,
      by: row.given_by,
      sinceMs: row.since_ms,
    })),
    fronts: fronts.map((row) => ({ runId: runId(row.run_id), by: row.given_by, atMs: row.at_ms })),
  };
}

function pauseOf(row: PauseTable): Pause {
  const { scope, name } = row;
  const target = scope === 'everything' ? { scope } : { scope: scope as 'tenant' | 'pool', name };
  return { target: target as PauseTarget, by: row.given_by, reason: row.reason, sinceMs: row.since_ms };
}

export async function carryOut(tx: Tx, order: ControlOrder, entry: AuditEntry): Promise<boolean> {
  const changed = await change(tx, order);
  if (changed) await addToAudit(tx, entry);
  return changed;
}

function change(tx: Tx, order: ControlOrder): Promise<boolean> {
  switch (order.kind) {
    case 'pause':
      return addPause(tx, order.pause);
    case 'resume':
      return removePause(tx, order.target);
    case 'cap':
      return setCap(tx, order.cap);
    case 'uncap':
      return removeCap(tx, order.tenant, order.pool);
    case 'front':
      return addFront(tx, order.front);
    case 'unfront':
      return removeFront(tx, order.runId);
  }
}

function nameOf(target: PauseTarget): string {
  return target.scope === 'everything' ? '' : target.name;
}

async function addPause(tx: Tx, { target, by, reason, sinceMs }: Pause): Promise<boolean> {
  const added = await tx
    .insertInto('pause')
    .values({ scope: target.scope, name: nameOf(target), given_by: by, reason, since_ms: sinceMs })
    .onConflict((conflict) => conflict.columns(['scope', 'name']).doNothing())
    .returning('scope')
    .executeTakeFirst();
  return added !== undefined;
}

async function removePause(tx: Tx, target: PauseTarget): Promise<boolean> {
  const removed = await tx
    .deleteFrom('pause')
    .where('scope', '=', target.scope)
    .where('name', '=', nameOf(target))
    .returning('scope')
    .executeTakeFirst();
  return removed !== undefined;
}

async function setCap(tx: Tx, { tenant, pool, units, by, sinceMs }: TenantCap): Promise<boolean> {
  const set = await tx
    .insertInto('tenant_cap')
    .values({ tenant, pool, units, given_by: by, since_ms: sinceMs })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'pool'])
        .doUpdateSet((row) => ({
          units: row.ref('excluded.units'),
          given_by: row.ref('excluded.given_by'),
          since_ms: row.ref('excluded.since_ms'),
        }))
        .whereRef('tenant_cap.units', '<>', 'excluded.units'),
    )
    .returning('tenant')
    .executeTakeFirst();
  return set !== undefined;
}

async function removeCap(tx: Tx, tenant: string, pool: string): Promise<boolean> {
  const removed = await tx
    .deleteFrom('tenant_cap')
    .where('tenant', '=', tenant)
    .where('pool', '=', pool)
    .returning('tenant')
    .executeTakeFirst();
  return removed !== undefined;
}

async function addFront(tx: Tx, { runId: id, by, atMs }: Front): Promise<boolean> {
  const last = await tx
    .selectFrom('front')
    .select((select) => select.fn.max('place').as('place'))
    .executeTakeFirst();
  const row = { run_id: id, place: (last?.place ?? 0) + 1, given_by: by, at_ms: atMs };
  await tx
    .insertInto('front')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ ...row }))
    .execute();
  return true;
}

async function removeFront(tx: Tx, id: RunId): Promise<boolean> {
  const removed = await tx
    .deleteFrom('front')
    .where('run_id', '=', id)
    .returning('run_id')
    .executeTakeFirst();
  return removed !== undefined;
}

export async function endFronts(tx: Tx, runIds: readonly RunId[]): Promise<void> {
  await inChunks(runIds, (chunk) => tx.deleteFrom('front').where('run_id', 'in', chunk).execute());
}
