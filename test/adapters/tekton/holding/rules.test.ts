/**
 * The rules of holding: what they make of each kind of run, and that the CEL which the API
 * server is given means the same as what our webhook does. The CEL is run by an interpreter.
 */
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  celConditions,
  celPatch,
  type PatchOperation,
  patchBy,
  RULES,
  ruleFor,
} from '../../../../src/adapters/tekton/holding/rules.ts';
import { arbitraryRun } from './arbitrary-runs.ts';
import { patched } from './json-patch.ts';

type Mapping = Readonly<Record<string, unknown>>;

const CEL = new Environment({
  enableOptionalTypes: true,
  unlistedVariablesAreDyn: true,
});

/** The interpreter has no type JSONPatch; its literals become those of maps, field by field. */
const PATCH_EXPRESSION = CEL.parse(
  celPatch().replaceAll(
    /JSONPatch\{(.*?)\}(?=[\])])/g,
    (_, fields: string) => `{${fields.replaceAll(/\b(op|path|value): /g, '"$1": ')}}`,
  ),
);

function patchByCel(run: Mapping): readonly PatchOperation[] {
  return PATCH_EXPRESSION({ object: run }) as readonly PatchOperation[];
}

function patchByUs(run: Mapping): readonly PatchOperation[] {
  const rule = ruleFor(run);
  return rule === null ? [] : patchBy(rule, run);
}

const HOLD = [
  { op: 'add', path: '/metadata/labels/penstock.dev~1held', value: 'true' },
  { op: 'add', path: '/spec/status', value: 'PipelineRunPending' },
];
const HOLD_WITH_LABELS = [{ op: 'add', path: '/metadata/labels', value: {} }, ...HOLD];
const STRIP = [{ op: 'remove', path: '/metadata/labels/penstock.dev~1held' }];
const held = { 'penstock.dev/held': 'true' };

const CASES: readonly (readonly [string, Mapping, readonly object[]])[] = [
  ['no labels', { metadata: {}, spec: {} }, HOLD_WITH_LABELS],
  ['null for labels', { metadata: { labels: null }, spec: {} }, HOLD_WITH_LABELS],
  ['labels', { metadata: { labels: { team: 'a' } }, spec: {} }, HOLD],
  ['an empty status', { metadata: { labels: {} }, spec: { status: '' } }, HOLD],
  ['null for a status', { metadata: { labels: {} }, spec: { status: null } }, HOLD],
  ['our label, said to be held', { metadata: { labels: held }, spec: {} }, HOLD],
  ['our label, said not to be', { metadata: { labels: { 'penstock.dev/held': 'false' } }, spec: {} }, HOLD],
  ['managed by Tekton', { metadata: { labels: {} }, spec: { managedBy: 'tekton.dev/pipeline' } }, HOLD],
  ['created pending', { metadata: {}, spec: { status: 'PipelineRunPending' } }, []],
  [
    'created pending, with our label',
    { metadata: { labels: held }, spec: { status: 'PipelineRunPending' } },
    STRIP,
  ],
  [
    'cancelled at birth, with our label',
    { metadata: { labels: held }, spec: { status: 'Cancelled' } },
    STRIP,
  ],
  ['managed by another', { metadata: {}, spec: { managedBy: 'kueue.x-k8s.io/multikueue' } }, []],
  ['managed by another, with our label', { metadata: { labels: held }, spec: { managedBy: 'x' } }, STRIP],
  ['no spec', { metadata: {} }, []],
  ['no spec, with our label', { metadata: { labels: held } }, STRIP],
  ['a text for spec', { metadata: {}, spec: 'x' }, []],
  ['a number for a status', { metadata: {}, spec: { status: 5 } }, []],
  ['a list for labels', { metadata: { labels: [] }, spec: {} }, HOLD_WITH_LABELS],
];

describe('what becomes of a run with', () => {
  test.each(CASES)('%s', (_, run, patch) => {
    expect(patchByUs(run)).toEqual(patch);
    expect(patchByCel(run)).toEqual(patch);
  });
});

test('the CEL of the policy means what our webhook does, for any object', () => {
  fc.assert(
    fc.property(arbitraryRun, (run) => {
      expect(patchByCel(run)).toEqual(patchByUs(run));
    }),
    { numRuns: 2_000 },
  );
});

test('the conditions of the webhook configuration select the very rule that applies, for any object', () => {
  const conditions = RULES.map((rule) => celConditions(rule).map(({ cel }) => CEL.parse(cel)));
  fc.assert(
    fc.property(arbitraryRun, (run) => {
      const selected = RULES.filter((_, index) =>
        conditions[index]?.every((ask) => ask({ object: run }) === true),
      );
      const rule = ruleFor(run);
      expect(selected).toEqual(rule === null ? [] : [rule]);
    }),
    { numRuns: 2_000 },
  );
});

test('nothing but labels and the status is touched, and nothing of what Tekton would default is added', () => {
  fc.assert(
    fc.property(arbitraryRun, (run) => {
      const after = patched(run, patchByUs(run));
      expect(withoutWhatIsOurs(after)).toEqual(withoutWhatIsOurs(run));
    }),
    { numRuns: 1_000 },
  );
});

test('a held run carries the label and is pending; one that is left alone carries no label', () => {
  fc.assert(
    fc.property(arbitraryRun, (run) => {
      const after = patched(run, patchByUs(run)) as {
        spec?: { status?: unknown };
        metadata: { labels?: unknown };
      };
      const label = (after.metadata.labels as Mapping | null | undefined)?.['penstock.dev/held'];
      if (ruleFor(run)?.name === 'hold') {
        expect([label, after.spec?.status]).toEqual(['true', 'PipelineRunPending']);
      } else {
        expect(label).toBeUndefined();
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Everything except our label, and the status of a run that would have started. */
function withoutWhatIsOurs(run: Mapping): unknown {
  const copy = structuredClone(run) as {
    metadata: { labels?: unknown };
    spec?: { status?: unknown };
  };
  const { labels } = copy.metadata;
  const isMapping = typeof labels === 'object' && labels !== null && !Array.isArray(labels);
  if (isMapping) delete (labels as Record<string, unknown>)['penstock.dev/held'];
  if (!isMapping || Object.keys(labels).length === 0) delete copy.metadata.labels;
  const { spec } = copy;
  if (
    typeof spec === 'object' &&
    spec !== null &&
    ['', null, 'PipelineRunPending'].includes(spec.status as never)
  ) {
    delete spec.status;
  }
  return copy;
}
