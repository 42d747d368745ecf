/** Which launches something is to be done about, and when the next one will be. */
import type { LaunchRecord } from '../../../ports/launch-store.ts';
import type { Tx } from '../schema.ts';
import { launchOf } from './rows.ts';

export async function readDue(tx: Tx, nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('state', '=', 'planned')
    .where('at_ms', '<=', nowMs)
    .where((where) => where.or([where('retry_at_ms', 'is', null), where('retry_at_ms', '<=', nowMs)]))
    .orderBy('at_ms')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(launchOf);
}

export async function readUnanswered(tx: Tx, nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('state', '=', 'creating')
    .where((where) => where.or([where('retry_at_ms', 'is', null), where('retry_at_ms', '<=', nowMs)]))
    .orderBy('at_ms')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(launchOf);
}

export async function readNextAtMs(tx: Tx): Promise<number | null> {
  const planned = await tx
    .selectFrom('launch')
    .select((select) => select.fn.min('at_ms').as('at'))
    .where('state', '=', 'planned')
    .where('retry_at_ms', 'is', null)
    .executeTakeFirst();
  const retried = await tx
    .selectFrom('launch')
    .select((select) => select.fn.min('retry_at_ms').as('at'))
    .where('state', 'in', ['planned', 'creating'])
    .where('retry_at_ms', 'is not', null)
    .executeTakeFirst();
  return earliest([planned?.at ?? null, retried?.at ?? null]);
}

export async function readExpired(tx: Tx, nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('state', '=', 'launched')
    .where('outcome', 'is', null)
    .where('expires_at_ms', '<=', nowMs)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(launchOf);
}

export async function readNextExpiryMs(tx: Tx): Promise<number | null> {
  const row = await tx
    .selectFrom('launch')
    .select((select) => select.fn.min('expires_at_ms').as('at'))
    .where('state', '=', 'launched')
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return row?.at ?? null;
}

export async function readUnsettled(
  tx: Tx,
  launchedBeforeMs: number,
  limit: number,
): Promise<readonly LaunchRecord[]> {
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('state', '=', 'launched')
    .where('outcome', 'is', null)
    .where('launched_at_ms', '<', launchedBeforeMs)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(launchOf);
}

function earliest(moments: readonly (number | null)[]): number | null {
  const there = moments.filter((moment) => moment !== null);
  return there.length === 0 ? null : Math.min(...there);
}
