/** Occurrences and launches as people and planning look at them. */
import { assert } from '../../../core/assert.ts';
import { CodedError } from '../../../core/errors/catalogue.ts';
import type {
  LaunchCount,
  LaunchKey,
  LaunchPage,
  LaunchRecord,
  OccurrencePage,
  OccurrenceRecord,
} from '../../../ports/launch-store.ts';
import { cursorOf, cursorText } from '../cursor.ts';
import type { Tx } from '../schema.ts';
import { launchOf, occurrenceOf } from './rows.ts';

export async function readOccurrence(
  tx: Tx,
  identity: string,
  key: string,
): Promise<OccurrenceRecord | null> {
  const row = await tx
    .selectFrom('occurrence')
    .selectAll()
    .where('identity', '=', identity)
    .where('occurrence_key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : occurrenceOf(row);
}

export async function readOccurrencesFrom(tx: Tx, startsAtMs: number): Promise<readonly OccurrenceRecord[]> {
  const rows = await tx
    .selectFrom('occurrence')
    .selectAll()
    .where('starts_at_ms', '>=', startsAtMs)
    .orderBy('starts_at_ms')
    .orderBy('seq')
    .execute();
  return rows.map(occurrenceOf);
}

export async function readLaunchesOf(
  tx: Tx,
  identity: string,
  occurrenceKey: string,
): Promise<readonly LaunchRecord[]> {
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('identity', '=', identity)
    .where('occurrence_key', '=', occurrenceKey)
    .orderBy('seq')
    .execute();
  return rows.map(launchOf);
}

export async function readOccurrencePage(
  tx: Tx,
  identity: string,
  { limit, before }: { readonly limit: number; readonly before: string | null },
): Promise<OccurrencePage> {
  assert(limit >= 1 && limit <= 200, 'a page has 1 to 200 occurrences');
  let select = tx
    .selectFrom('occurrence')
    .selectAll()
    .where('identity', '=', identity)
    .orderBy('starts_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit + 1);
  if (before !== null) {
    const { finishedAtMs: startsAtMs, seq } = cursorOf(before);
    select = select
      .where('starts_at_ms', '<=', startsAtMs)
      .where((where) => where.or([where('starts_at_ms', '<', startsAtMs), where('seq', '<', seq)]));
  }
  const rows = await select.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && rows.length > limit;
  const next = more ? cursorText({ finishedAtMs: last.starts_at_ms, seq: last.seq }) : null;
  return { occurrences: page.map(occurrenceOf), next };
}

export async function readCounts(
  tx: Tx,
  identity: string,
  keys: readonly string[],
): Promise<readonly LaunchCount[]> {
  if (keys.length === 0) return [];
  const rows = await tx
    .selectFrom('launch')
    .select((select) => ['occurrence_key', 'state', 'outcome', select.fn.countAll<number>().as('count')])
    .where('identity', '=', identity)
    .where('occurrence_key', 'in', keys)
    .groupBy(['occurrence_key', 'state', 'outcome'])
    .execute();
  return rows.map((row) => ({
    occurrenceKey: row.occurrence_key,
    state: row.state as LaunchCount['state'],
    outcome: row.outcome as LaunchCount['outcome'],
    count: Number(row.count),
  }));
}

export async function readLaunchPage(
  tx: Tx,
  { identity, occurrenceKey }: Pick<LaunchKey, 'identity' | 'occurrenceKey'>,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<LaunchPage> {
  assert(limit >= 1 && limit <= 1000, 'a page has 1 to 1000 launches');
  const rows = await tx
    .selectFrom('launch')
    .selectAll()
    .where('identity', '=', identity)
    .where('occurrence_key', '=', occurrenceKey)
    .where('seq', '>', after === null ? 0 : seqOf(after))
    .orderBy('seq')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    launches: page.map(launchOf),
    next: last !== undefined && rows.length > limit ? `${last.seq}` : null,
  };
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const message = 'after: must be what an earlier page gave as next.';
  throw new CodedError('request-invalid', message, { field: 'after' });
}

export async function forgetBefore(tx: Tx, startsAtMs: number): Promise<void> {
  const rows = await tx
    .selectFrom('occurrence')
    .select(['identity', 'occurrence_key'])
    .where('starts_at_ms', '<', startsAtMs)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('launch')
            .select('launch.seq')
            .whereRef('launch.identity', '=', 'occurrence.identity')
            .whereRef('launch.occurrence_key', '=', 'occurrence.occurrence_key')
            .where((launch) =>
              launch.or([
                launch('launch.state', 'in', ['planned', 'creating']),
                launch.and([launch('launch.state', '=', 'launched'), launch('launch.outcome', 'is', null)]),
              ]),
            ),
        ),
      ),
    )
    .execute();
  for (const { identity, occurrence_key } of rows) {
    for (const table of ['launch', 'occurrence'] as const) {
      await tx
        .deleteFrom(table)
        .where('identity', '=', identity)
        .where('occurrence_key', '=', occurrence_key)
        .execute();
    }
  }
}
