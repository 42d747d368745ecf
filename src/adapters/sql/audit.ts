/**
 * The audit log: what operators ordered, in the order in which they did.
 *
 * Always true: an entry is never changed; only the oldest go, beyond `AUDIT_ENTRIES_MAX`.
 */
import { assert } from '../../core/assert.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { AUDIT_ENTRIES_MAX, type AuditEntry, type AuditPage } from '../../ports/store.ts';
import type { AuditTable, Tx } from './schema.ts';

const PAGE_MAX = 1000;

/** @param most entries that are kept */
export async function addToAudit(tx: Tx, entry: AuditEntry, most = AUDIT_ENTRIES_MAX): Promise<void> {
  const last = await tx
    .selectFrom('audit')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst();
  const seq = (last?.seq ?? 0) + 1;
  await tx
    .insertInto('audit')
    .values({
      seq,
      at_ms: entry.atMs,
      given_by: entry.by,
      what: entry.what,
      about: entry.about,
      detail: entry.detail,
    })
    .execute();
  await tx
    .deleteFrom('audit')
    .where('seq', '<=', seq - most)
    .execute();
}

export async function readAudit(
  tx: Tx,
  { limit, before }: { readonly limit: number; readonly before: string | null },
): Promise<AuditPage> {
  assert(limit >= 1 && limit <= PAGE_MAX, 'a page has 1 to 1000 entries');
  const rows = await tx
    .selectFrom('audit')
    .selectAll()
    .where('seq', '<', before === null ? Number.MAX_SAFE_INTEGER : seqOf(before))
    .orderBy('seq', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && rows.length > limit;
  return { entries: page.map(entryOf), next: more ? String(last.seq) : null };
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
    field: 'before',
  });
}

function entryOf(row: AuditTable): AuditEntry {
  return {
    atMs: row.at_ms,
    by: row.given_by,
    what: row.what as AuditEntry['what'],
    about: row.about,
    detail: row.detail,
  };
}
