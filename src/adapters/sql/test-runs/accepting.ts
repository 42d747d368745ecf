/**
 * Accepting a test run, and taking that back.
 *
 * Always true: the turn of an identity is taken in one statement that compares and writes, so
 * that of any number of requests at one instant, in any number of processes, one is accepted.
 */
import {
  type Acceptance,
  type IdempotencyKey,
  KEY_KEPT_MS,
  TEST_RUNS_KEPT,
  type TestRunRequest,
} from '../../../ports/test-run-store.ts';
import { addToAudit } from '../audit.ts';
import type { Tx } from '../schema.ts';
import { addTestRun } from './rows.ts';

type Known = Extract<Acceptance, { kind: 'repeated' | 'key-taken' }>;

export async function accept(tx: Tx, request: TestRunRequest): Promise<Acceptance> {
  const { testRun, key, apartMs, entry } = request;
  const nowMs = testRun.askedAtMs;
  const known = key === null ? null : await knownKey(tx, key, nowMs);
  if (known !== null) return known;
  const turn = { identity: testRun.identity, nowMs, apartMs, id: testRun.id };
  if (!(await takeTurn(tx, turn))) return { kind: 'too-soon', againAtMs: await againAtMs(tx, turn) };
  await addTestRun(tx, testRun);
  if (key !== null) await addKey(tx, key, { id: testRun.id, nowMs });
  await forgetOldest(tx, testRun.identity);
  await addToAudit(tx, entry);
  return { kind: 'accepted' };
}

export async function knownKey(
  tx: Tx,
  { caller, key, requestHash }: IdempotencyKey,
  nowMs: number,
): Promise<Known | null> {
  const row = await tx
    .selectFrom('idempotency_key')
    .selectAll()
    .where('caller', '=', caller)
    .where('key', '=', key)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  if (row === undefined) return null;
  return row.request_hash === requestHash ? { kind: 'repeated', id: row.test_run_id } : { kind: 'key-taken' };
}

interface Turn {
  readonly identity: string;
  readonly id: string;
  readonly nowMs: number;
  readonly apartMs: number;
}

async function takeTurn(tx: Tx, { identity, id, nowMs, apartMs }: Turn): Promise<boolean> {
  const taken = await tx
    .insertInto('test_run_turn')
    .values({ identity, accepted_at_ms: nowMs, before_ms: null, test_run_id: id })
    .onConflict((conflict) =>
      conflict
        .column('identity')
        .doUpdateSet((set) => ({
          before_ms: set.ref('test_run_turn.accepted_at_ms'),
          accepted_at_ms: nowMs,
          test_run_id: id,
        }))
        .where('test_run_turn.accepted_at_ms', '<=', nowMs - apartMs),
    )
    .returning('identity')
    .execute();
  return taken.length > 0;
}

/** A clock that was set back makes nobody wait for longer than from one to the next. */
async function againAtMs(tx: Tx, { identity, nowMs, apartMs }: Turn): Promise<number> {
  await tx
    .updateTable('test_run_turn')
    .set({ accepted_at_ms: nowMs })
    .where('identity', '=', identity)
    .where('accepted_at_ms', '>', nowMs)
    .execute();
  const row = await tx
    .selectFrom('test_run_turn')
    .select('accepted_at_ms')
    .where('identity', '=', identity)
    .executeTakeFirstOrThrow();
  return row.accepted_at_ms + apartMs;
}

async function addKey(
  tx: Tx,
  { caller, key, requestHash }: IdempotencyKey,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Promise<void> {
  // At most one is accepted an hour and policy, so that what is not expired is few.
  await tx.deleteFrom('idempotency_key').where('expires_at_ms', '<=', nowMs).execute();
  await tx
    .insertInto('idempotency_key')
    .values({ caller, key, request_hash: requestHash, test_run_id: id, expires_at_ms: nowMs + KEY_KEPT_MS })
    .execute();
}

async function forgetOldest(tx: Tx, identity: string): Promise<void> {
  const oldest = await tx
    .selectFrom('test_run')
    .select('seq')
    .where('identity', '=', identity)
    .orderBy('seq', 'desc')
    .offset(TEST_RUNS_KEPT)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await tx
    .deleteFrom('test_run')
    .where('identity', '=', identity)
    .where('seq', '<=', oldest.seq)
    .where('ended_at_ms', 'is not', null)
    .execute();
}

export async function revoke(tx: Tx, id: string): Promise<void> {
  const turn = await tx
    .selectFrom('test_run_turn')
    .selectAll()
    .where('test_run_id', '=', id)
    .executeTakeFirst();
  await tx.deleteFrom('test_run').where('id', '=', id).execute();
  await tx.deleteFrom('idempotency_key').where('test_run_id', '=', id).execute();
  if (turn === undefined) return;
  if (turn.before_ms === null) {
    await tx.deleteFrom('test_run_turn').where('identity', '=', turn.identity).execute();
    return;
  }
  await tx
    .updateTable('test_run_turn')
    .set({ accepted_at_ms: turn.before_ms, before_ms: null, test_run_id: '' })
    .where('identity', '=', turn.identity)
    .execute();
}
