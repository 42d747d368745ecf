/**
 * What has to become of each kind of run, whichever way Penstock holds: one suite for the
 * policy and for the webhook.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asMapping } from '../../../src/adapters/tekton/holding/condition.ts';
import { patchBy, ruleFor } from '../../../src/adapters/tekton/holding/rules.ts';
import { arbitraryRun } from '../../adapters/tekton/holding/arbitrary-runs.ts';
import { patched } from '../../adapters/tekton/holding/json-patch.ts';
import { PIPELINE_RUNS, type PipelineRun, pathOf } from '../client/resources.ts';
import type { Answer } from '../client/transport.ts';
import { PENDING, pipelineRun } from '../rig/pipeline-run.ts';
import { createRun, HELD_LABEL, labelOf, type World } from './world.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Each is two creations on a real API server. */
const RANDOM_RUNS = 300;

export function holdingCases(world: () => World): void {
  const REFERENCE = { spec: { pipelineRef: { name: 'not-there' } } };
  const cases: readonly (readonly [string, Mapping])[] = [
    ['without labels', {}],
    ['with labels', { metadata: { labels: { team: 'a' } } }],
    ['with our label, as a user may write it', { metadata: { labels: { [HELD_LABEL]: 'no' } } }],
    ['with a reference to a pipeline', REFERENCE],
    ['of v1beta1', { apiVersion: 'tekton.dev/v1beta1', ...REFERENCE }],
    ['managed by Tekton', { spec: { managedBy: 'tekton.dev/pipeline', ...REFERENCE.spec } }],
    ['with an empty status', { spec: { status: '', ...REFERENCE.spec } }],
  ];
  test.each(cases)('a run %s is held, and nothing else about it is changed', async (_, more) => {
    const [held, free] = [await created(world().held, more), await created(world().free, more)];
    expect([labelOf(held), held.spec.status]).toEqual(['true', PENDING]);
    expect(withoutHold(held)).toEqual(withoutHold(free));
  });

  test('one created pending by its owner stays his: no label, no change', async () => {
    const run = await createRun(world(), { pending: true });
    expect([labelOf(run), run.spec.status]).toEqual([null, PENDING]);
  });

  test.each([PENDING, 'Cancelled', 'StoppedRunFinally'])(
    'our label that a user wrote himself on a run created with status %s is removed',
    async (status) => {
      const labels = { [HELD_LABEL]: 'true', team: 'a' };
      const run = await created(world().held, { metadata: { labels }, spec: { status, ...REFERENCE.spec } });
      expect([run.metadata.labels?.team, labelOf(run), run.spec.status]).toEqual(['a', null, status]);
    },
  );

  test('one that another controller manages is left to it', async () => {
    const run = await created(world().held, {
      spec: { managedBy: 'kueue.x-k8s.io/multikueue', ...REFERENCE.spec },
    });
    expect([labelOf(run), run.spec.status ?? '']).toEqual([null, '']);
  });

  test('one in a namespace without the label starts', async () => {
    const run = await created(world().free, REFERENCE);
    expect([labelOf(run), run.spec.status ?? '']).toEqual([null, '']);
  });

  test('twenty created at once are all held', async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, () => createRun(world())));
    expect(runs.map((run) => [labelOf(run), run.spec.status])).toEqual(runs.map(() => ['true', PENDING]));
  });

  test('whatever anybody sends, the API server answers what it answers to the same run changed by our rules', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryRun, async (sent) => {
        const run = named(sent);
        const rule = ruleFor(run);
        const isSeen = rule !== null && labelsCanBeRead(run);
        const changed = isSeen ? patched(run, patchBy(rule, run)) : run;
        const [ours, expected] = [await dryRun(world().held, run), await dryRun(world().free, changed)];
        expect(comparable(ours)).toEqual(comparable(expected));
        accepted += ours.status === 201 ? 1 : 0;
      }),
      { numRuns: RANDOM_RUNS, examples: [[{ metadata: { labels: { [HELD_LABEL]: null } }, spec: {} }]] },
    );
    // Enough of them were sound for it to mean something.
    expect(accepted).toBeGreaterThan(RANDOM_RUNS / 10);
  });

  async function created(namespace: string, { spec, metadata, ...more }: Mapping): Promise<PipelineRun> {
    const run = pipelineRun({ namespace, name: 'run-' });
    const whole = {
      ...run,
      ...more,
      metadata: { ...run.metadata, ...(metadata as Mapping | undefined) },
      ...(spec === undefined ? {} : { spec }),
    };
    const answer = await world().user.raw({ method: 'POST', path: pathFor(namespace, whole), body: whole });
    expect(answer).toMatchObject({ status: 201 });
    return answer.body as PipelineRun;
  }

  function dryRun(namespace: string, run: Mapping): Promise<Answer> {
    return world().user.raw({ method: 'POST', path: `${pathFor(namespace, run)}?dryRun=All`, body: run });
  }
}

function pathFor(namespace: string, run: Mapping): string {
  const api = `apis/${typeof run.apiVersion === 'string' ? run.apiVersion : 'tekton.dev/v1'}`;
  return pathOf({ ...PIPELINE_RUNS, api }, { namespace });
}

/** Other labels than texts are refused by the API server before anybody sees the run; null is read as an empty one. */
function labelsCanBeRead(run: Mapping): boolean {
  const labels = (run.metadata as Mapping).labels ?? {};
  const mapping = asMapping(labels);
  return (
    mapping !== null && Object.values(mapping).every((value) => value === null || typeof value === 'string')
  );
}

/** A run that can be sent: of a kind, with a name, and with a pipeline where it has a sound spec. */
function named(run: Mapping): Mapping {
  const { name: _, ...metadata } = run.metadata as Mapping;
  const spec = asMapping(run.spec);
  return {
    ...run,
    ...(spec === null ? {} : { spec: { ...spec, pipelineRef: { name: 'not-there' } } }),
    apiVersion: run.apiVersion ?? 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: { ...metadata, name: 'random' },
  };
}

/** Without what differs between any two runs, and without what holding adds. */
function withoutHold(run: PipelineRun): unknown {
  const { metadata, spec, ...more } = run;
  const { [HELD_LABEL]: _, ...labels } = metadata.labels ?? {};
  const { status: __, ...rest } = spec;
  return { ...more, labels, annotations: metadata.annotations, spec: rest };
}

function comparable({ status, body }: Answer): unknown {
  const { metadata, ...object } = body as { readonly metadata?: PipelineRun['metadata'] };
  // Which of several faults is named first depends on who looks first. But it is the sender's fault.
  if (status >= 400) return { isRefused: status < 500 };
  return { status, ...object, labels: metadata?.labels, annotations: metadata?.annotations };
}
