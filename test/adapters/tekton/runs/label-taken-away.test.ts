/** Creating runs where the cluster takes Penstock for somebody else. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HELD_LABEL } from '../../../../src/adapters/tekton/names.ts';
import { runId } from '../../../../src/core/model/run.ts';
import { never, TektonWorld } from '../tekton-world.ts';

let world: TektonWorld;
beforeEach(async () => {
  world = await TektonWorld.open();
});
afterEach(() => world.dispose());

test('a run that would lose the label by which it is started is not created, and the error says what to mend', async () => {
  world.server.store.admissions.push((run, _, { operation }) => {
    if (operation === 'create') delete run.metadata.labels?.[HELD_LABEL];
  });
  const run = {
    id: runId('launched'),
    project: 'shop',
    tenant: 'retail',
    priority: 'normal',
    requests: { runs: 1 },
    content: world.content('succeeds'),
    params: {},
    timeoutMs: null,
  };
  await expect(world.engine.create([run], never)).rejects.toThrow(
    /takes the label penstock\.dev\/held away.*service account that "penstock manifests" prints/,
  );
  expect(world.server.store.list('pipelineruns')).toEqual([]);
});
