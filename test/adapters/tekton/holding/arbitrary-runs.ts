/** PipelineRuns as anybody may send them at creation, sound and unsound, biased to where the rules look. */
import fc from 'fast-check';

type Mapping = Readonly<Record<string, unknown>>;

/** JSON, as it can be in any field; -0 is left out, for JSON has no such number. */
const anything = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

const field = (...likely: readonly unknown[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...likely), weight: 8 },
    { arbitrary: fc.string(), weight: 1 },
    { arbitrary: anything, weight: 1 },
  );

const spec = fc.record(
  {
    status: field('', null, 'PipelineRunPending', 'Cancelled', 'CancelledRunFinally', 'PipelineRunCancelled'),
    managedBy: field('', null, 'tekton.dev/pipeline', 'kueue.x-k8s.io/multikueue'),
    pipelineRef: anything,
  },
  { requiredKeys: [] },
);

const labels = fc.record(
  { 'penstock.dev/held': field('true', 'false', ''), team: fc.string() },
  { requiredKeys: [] },
);

const metadata = fc.record(
  {
    name: fc.string(),
    labels: fc.oneof({ arbitrary: labels, weight: 6 }, { arbitrary: anything, weight: 1 }),
  },
  { requiredKeys: [] },
);

export const arbitraryRun: fc.Arbitrary<Mapping> = fc.record(
  {
    apiVersion: fc.constantFrom('tekton.dev/v1', 'tekton.dev/v1beta1'),
    kind: fc.constant('PipelineRun'),
    metadata,
    spec: fc.oneof({ arbitrary: spec, weight: 8 }, { arbitrary: anything, weight: 1 }),
  },
  { requiredKeys: ['metadata'] },
);
