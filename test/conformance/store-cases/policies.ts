/** The registry of policies, and the runs made for them. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import { DELETED_MAX, type PolicyChange, type PolicyRecord } from '../../../src/ports/policy-store.ts';
import { OWN_POLICY } from '../../core/policy/policies.ts';
import { aPolicyRun } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

export function aRecord(name: string, version: number, given: Partial<PolicyRecord> = {}): PolicyRecord {
  return {
    identity: `penstock:${name}`,
    version,
    source: { kind: 'api' },
    policy: { ...OWN_POLICY, name },
    document: { kind: 'PipelineExecutionPolicy', metadata: { name: `${name} 🔥` } },
    runContent: 'kind: Pipeline',
    runContentHash: 'r1',
    contentHash: 'c1',
    configHash: 'f1',
    isContentKnown: true,
    isActive: true,
    savedAtMs: 10,
    savedBy: 'ann',
    activeSinceMs: 10,
    deletedAtMs: null,
    ...given,
  };
}

export function saving(...saved: readonly PolicyRecord[]): PolicyChange {
  return { saved, deleted: [], entries: [] };
}

export function policyCases(context: StoreContext): void {
  registryCases(context);
  deletionCases(context);
  policyRunCases(context);
}

function registryCases(context: StoreContext): void {
  test('a policy comes back through a restart as it was saved', async () => {
    const { store, reopen } = context();
    const file = aRecord('b', 2, { source: { kind: 'file', file: 'x/y.yaml', place: 3 }, runContent: null });
    expect(await store.policies.change(0, saving(aRecord('a', 1), file))).toBe(true);
    const { policies } = await reopen();
    expect(await policies.named('a')).toEqual(aRecord('a', 1));
    expect(await policies.named('b')).toEqual(file);
    expect(await policies.named('c')).toBeNull();
    expect(await policies.records(['penstock:b', 'nobody', 'penstock:a'])).toEqual([file, aRecord('a', 1)]);
    const { version, outlines, lastOfName } = await policies.state();
    expect([version, outlines.map(({ name }) => name)]).toEqual([2, ['a', 'b']]);
    expect(Object.fromEntries(lastOfName)).toEqual({ a: 'penstock:a', b: 'penstock:b' });
  });

  test('each change is told, and one that was not carried out is not', async () => {
    const { store } = context();
    let told = 0;
    store.policies.changes.subscribe(() => {
      told += 1;
    });
    await store.policies.change(0, saving(aRecord('a', 1)));
    await store.policies.change(0, saving(aRecord('b', 1)));
    expect(told).toBe(1);
  });

  test('a change made upon another state than there is changes nothing', async () => {
    const { store } = context();
    const { policies } = store;
    await policies.change(0, saving(aRecord('a', 1)));
    const entry = { atMs: 1, by: 'bob', what: 'apply-policy', about: 'policy a', detail: null } as const;
    const late = { ...saving(aRecord('a', 2, { contentHash: 'other' })), entries: [entry] };
    expect(await policies.change(0, late)).toBe(false);
    expect(await policies.named('a')).toEqual(aRecord('a', 1));
    expect(await policies.change(1, late)).toBe(true);
    expect((await policies.named('a'))?.contentHash).toBe('other');
    const logged = await store.audit({ limit: 10, before: null });
    expect(logged.entries).toEqual([entry]);
  });

  test('a policy of another name keeps its identity, and both names lead to it', async () => {
    const { policies } = context().store;
    await policies.change(0, saving(aRecord('a', 1)));
    await policies.change(1, saving(aRecord('b', 2, { identity: 'penstock:a' })));
    expect(await policies.named('a')).toBeNull();
    expect((await policies.named('b'))?.identity).toBe('penstock:a');
    const { lastOfName } = await policies.state();
    expect([lastOfName.get('a'), lastOfName.get('b')]).toEqual(['penstock:a', 'penstock:a']);
  });
}

function deletionCases(context: StoreContext): void {
  test('a deleted policy is remembered, and not found by its name', async () => {
    const { store, reopen } = context();
    await store.policies.change(0, saving(aRecord('a', 1), aRecord('b', 2)));
    const deleted = [{ identity: 'penstock:a', version: 3, atMs: 77 }];
    await store.policies.change(2, { saved: [], deleted, entries: [] });
    const { policies } = await reopen();
    expect(await policies.named('a')).toBeNull();
    expect(await policies.records(['penstock:a'])).toEqual([aRecord('a', 3, { deletedAtMs: 77 })]);
    const { version, outlines } = await policies.state();
    expect(version).toBe(3);
    expect(outlines.map(({ name, deletedAtMs }) => [name, deletedAtMs])).toEqual([
      ['b', null],
      ['a', 77],
    ]);
    await policies.change(3, saving(aRecord('a', 4)));
    expect(await policies.named('a')).toEqual(aRecord('a', 4));
  });

  test('of many deleted ones the oldest are forgotten, with their names', async () => {
    const { policies } = context().store;
    const many = Array.from({ length: DELETED_MAX + 2 }, (_, at) =>
      aRecord(`p${at}`, at + 1, { deletedAtMs: at }),
    );
    await policies.change(0, saving(...many));
    const { outlines, lastOfName } = await policies.state();
    expect([outlines.length, lastOfName.size]).toEqual([DELETED_MAX, DELETED_MAX]);
    expect([lastOfName.has('p1'), lastOfName.has('p2')]).toEqual([false, true]);
  });
}

function policyRunCases(context: StoreContext): void {
  const [asked, observed] = [runId('shop-1'), runId('shop/shop-1@1234')];

  test('a run of a policy is found by what was asked for, and then by what is observed', async () => {
    const { store, reopen } = context();
    await store.policies.addRuns([aPolicyRun('shop-1'), aPolicyRun('shop-2', { branch: 'main' })]);
    const { policies } = await reopen();
    expect(await policies.runs([runId('shop-2'), runId('other'), asked])).toEqual([
      aPolicyRun('shop-2', { branch: 'main' }),
      aPolicyRun('shop-1'),
    ]);
    expect(await policies.runsObservedAs([observed])).toEqual([]);
    await policies.nameRuns([{ askedId: asked, runId: observed }]);
    expect(await policies.runsObservedAs([observed])).toEqual([aPolicyRun('shop-1', { runId: observed })]);
  });

  test('until a run is known, asking again replaces what was written; afterwards it stays', async () => {
    const { policies } = context().store;
    await policies.addRuns([aPolicyRun('shop-1')]);
    await policies.addRuns([aPolicyRun('shop-1', { contentHash: 'c2' })]);
    expect((await policies.runs([asked]))[0]?.contentHash).toBe('c2');
    await policies.nameRuns([{ askedId: asked, runId: observed }]);
    await policies.addRuns([aPolicyRun('shop-1', { contentHash: 'c3' })]);
    expect(await policies.runs([asked])).toEqual([
      aPolicyRun('shop-1', { contentHash: 'c2', runId: observed }),
    ]);
  });
}
