/**
 * The registered policies, those that live and those that were deleted.
 *
 * Always true: a change is carried out on the very state it was made for, or not at all.
 */
import { assert } from '../../../core/assert.ts';
import type { Json, Policy } from '../../../core/policy/model.ts';
import {
  DELETED_MAX,
  type PolicyChange,
  type PolicyOutline,
  type PolicyRecord,
  type PolicySource,
  type PolicyState,
} from '../../../ports/policy-store.ts';
import { addToAudit } from '../audit.ts';
import { inChunks } from '../chunks.ts';
import { byCodeUnits } from '../json-text.ts';
import type { PolicyTable, Tx } from '../schema.ts';

const OUTLINE = [
  'identity',
  'name',
  'version',
  'source_file',
  'source_place',
  'content_hash',
  'config_hash',
  'run_content_hash',
  'active',
  'active_since_ms',
  'deleted_at_ms',
] as const;

export async function readState(tx: Tx): Promise<PolicyState> {
  const rows = await tx.selectFrom('policy').select(OUTLINE).execute();
  const names = await tx.selectFrom('policy_name').selectAll().execute();
  const living = rows.filter((row) => row.deleted_at_ms === null);
  const deleted = rows.filter((row) => row.deleted_at_ms !== null);
  living.sort((a, b) => byCodeUnits(a.name, b.name));
  deleted.sort((a, b) => lastDeletedFirst(a, b));
  return {
    version: rows.reduce((highest, { version }) => Math.max(highest, version), 0),
    outlines: [...living, ...deleted].map(outlineOf),
    lastOfName: new Map(names.map(({ name, identity }) => [name, identity])),
  };
}

type OutlineRow = Pick<PolicyTable, (typeof OUTLINE)[number]>;

function lastDeletedFirst(a: OutlineRow, b: OutlineRow): number {
  return (b.deleted_at_ms ?? 0) - (a.deleted_at_ms ?? 0) || byCodeUnits(a.identity, b.identity);
}

export async function readNamed(tx: Tx, name: string): Promise<PolicyRecord | null> {
  const row = await tx
    .selectFrom('policy')
    .selectAll()
    .where('name', '=', name)
    .where('deleted_at_ms', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : recordOf(row);
}

export async function readRecords(tx: Tx, identities: readonly string[]): Promise<readonly PolicyRecord[]> {
  const found = new Map<string, PolicyRecord>();
  await inChunks(identities, async (some) => {
    const rows = await tx.selectFrom('policy').selectAll().where('identity', 'in', some).execute();
    for (const row of rows) found.set(row.identity, recordOf(row));
  });
  return identities.flatMap((identity) => found.get(identity) ?? []);
}

export async function carryOutChange(tx: Tx, basedOn: number, change: PolicyChange): Promise<boolean> {
  const last = await tx
    .selectFrom('policy')
    .select((select) => select.fn.max('version').as('version'))
    .executeTakeFirst();
  if ((last?.version ?? 0) !== basedOn) return false;
  for (const { identity, version, atMs } of change.deleted) {
    await tx
      .updateTable('policy')
      .set({ deleted_at_ms: atMs, version })
      .where('identity', '=', identity)
      .execute();
  }
  for (const record of change.saved) await save(tx, record);
  for (const entry of change.entries) await addToAudit(tx, entry);
  await forgetOldest(tx);
  return true;
}

async function save(tx: Tx, record: PolicyRecord): Promise<void> {
  const { identity, ...values } = rowOf(record);
  await tx
    .insertInto('policy')
    .values({ identity, ...values })
    .onConflict((conflict) => conflict.column('identity').doUpdateSet(values))
    .execute();
  await tx
    .insertInto('policy_name')
    .values({ name: values.name, identity })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ identity }))
    .execute();
}

async function forgetOldest(tx: Tx): Promise<void> {
  const oldest = await tx
    .selectFrom('policy')
    .select('identity')
    .where('deleted_at_ms', 'is not', null)
    .orderBy('deleted_at_ms', 'desc')
    .offset(DELETED_MAX)
    .limit(DELETED_MAX)
    .execute();
  await inChunks(oldest, async (some) => {
    const identities = some.map(({ identity }) => identity);
    await tx.deleteFrom('policy').where('identity', 'in', identities).execute();
    await tx.deleteFrom('policy_name').where('identity', 'in', identities).execute();
  });
}

function rowOf(record: PolicyRecord): PolicyTable {
  const { source } = record;
  assert(record.version > 0, 'a saved policy has a version');
  return {
    identity: record.identity,
    name: record.policy.name,
    version: record.version,
    source_file: source.kind === 'file' ? source.file : null,
    source_place: source.kind === 'file' ? source.place : null,
    policy: JSON.stringify(record.policy),
    document: JSON.stringify(record.document),
    run_content: record.runContent,
    run_content_hash: record.runContentHash,
    content_hash: record.contentHash,
    config_hash: record.configHash,
    content_known: record.isContentKnown ? 1 : 0,
    active: record.isActive ? 1 : 0,
    saved_at_ms: record.savedAtMs,
    saved_by: record.savedBy,
    active_since_ms: record.activeSinceMs,
    deleted_at_ms: record.deletedAtMs,
  };
}

function outlineOf(row: OutlineRow): PolicyOutline {
  return {
    identity: row.identity,
    name: row.name,
    version: row.version,
    source: sourceOf(row),
    contentHash: row.content_hash,
    configHash: row.config_hash,
    runContentHash: row.run_content_hash,
    isActive: row.active === 1,
    activeSinceMs: row.active_since_ms,
    deletedAtMs: row.deleted_at_ms,
  };
}

function recordOf(row: PolicyTable): PolicyRecord {
  const { name: _, ...outline } = outlineOf(row);
  return {
    ...outline,
    policy: JSON.parse(row.policy) as Policy,
    document: JSON.parse(row.document) as Json,
    runContent: row.run_content,
    isContentKnown: row.content_known === 1,
    savedAtMs: row.saved_at_ms,
    savedBy: row.saved_by,
  };
}

function sourceOf({ source_file: file, source_place: place }: OutlineRow): PolicySource {
  return file === null ? { kind: 'api' } : { kind: 'file', file, place: place ?? 0 };
}
