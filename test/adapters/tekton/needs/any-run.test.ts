import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withPlatformsOnly } from '../../../../src/adapters/tekton/needs/embedded-pipeline.ts';
import { needsReader } from '../../../../src/adapters/tekton/needs/needs-reader.ts';
import { NEEDS_SCHEMA } from '../../../../src/config/needs-rules.ts';

const read = needsReader({
  ...NEEDS_SCHEMA.parse({
    rules: [
      {
        name: 'labels',
        when: 'labels["a"].startsWith("b") || labels.exists(k, labels[k] == k)',
        requests: { x: 1 },
      },
      {
        name: 'lists',
        when: 'lists["build-platforms"].all(p, p.size() > lists["PLATFORM"].size())',
        priority: 'low',
      },
      { name: 'pools', forEach: 'pool.contains(params["PLATFORM"])', requests: { y: 1 } },
    ],
  }),
  pools: ['linux/arm64', 'aws-ip'],
});

const words = fc.constantFrom(
  ...[
    '',
    'linux/arm64',
    'linux/arm64,',
    '["linux/arm64"]',
    '[',
    '"a"',
    '$(params.x)',
    '$(params.x[*])',
    '-1',
    '1',
    '2',
  ],
  ...[
    'local',
    '__proto__',
    'constructor',
    'a b',
    '\u0000',
    'a\nb',
    '9'.repeat(400),
    '$(params.',
    '1e9',
    'NaN',
  ],
);
const leaf = fc.oneof(words, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const anything = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }));
const keys = fc.constantFrom(
  ...[
    'requests.penstock.dev/linux-arm64',
    'requests.penstock.dev/',
    'requests.penstock.dev/runs',
    '__proto__',
  ],
  ...['kueue.konflux-ci.dev/requests-aws-ip', 'kueue.konflux-ci.dev/requests-__proto__', 'a', 'constructor'],
  ...['prsstarter.example.com/mpc_platforms', 'penstock.dev/priority', 'kueue.x-k8s.io/priority-class'],
);
const bag = fc.oneof(fc.dictionary(fc.oneof(keys, fc.string()), anything), anything);
const param = fc.record(
  {
    name: fc.oneof(fc.constantFrom('PLATFORM', 'build-platforms', 'x'), leaf),
    value: anything,
    default: anything,
  },
  { requiredKeys: [] },
);
const params = fc.oneof(fc.array(fc.oneof(param, leaf), { maxLength: 4 }), anything);
const task = fc.record(
  {
    name: leaf,
    params,
    matrix: fc.oneof(fc.record({ params, include: fc.array(fc.record({ params })) }), leaf),
  },
  { requiredKeys: [] },
);
const tasks = fc.oneof(fc.array(fc.oneof(task, leaf), { maxLength: 3 }), anything);
const pipelineSpec = fc.oneof(fc.record({ params, tasks, finally: tasks }, { requiredKeys: [] }), anything);
const metadata = fc.oneof(
  fc.record({ namespace: leaf, labels: bag, annotations: bag }, { requiredKeys: [] }),
  anything,
);
const run = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ metadata, spec: fc.oneof(fc.record({ params, pipelineSpec }), anything) }),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);

test('any object at all has whole positive requests, one run, and faults of one line', () => {
  fc.assert(
    fc.property(run, anything, (object, labels) => {
      const { requests, priority, faults } = read(object, labels);
      expect(requests.runs).toBe(1);
      for (const units of Object.values(requests))
        expect(Number.isSafeInteger(units) && units >= 1).toBe(true);
      expect(Object.getPrototypeOf(requests)).toBe(Object.prototype);
      expect(priority === null || /^[\w./-]+$/.test(priority)).toBe(true);
      expect(faults.length).toBeLessThanOrEqual(10);
      for (const fault of faults) expect(fault).toMatch(/^[^\p{Cc}]{10,600}$/u);
    }),
    { numRuns: 3000 },
  );
});

test('a pipeline cut down to its platforms asks for the same', () => {
  fc.assert(
    fc.property(fc.record({ metadata: bag, params, pipelineSpec }), ({ metadata: annotations, ...spec }) => {
      const whole = { metadata: { annotations }, spec };
      const cut = { ...whole, spec: { ...spec, pipelineSpec: withPlatformsOnly(spec.pipelineSpec) } };
      expect(read(cut, {}).requests).toEqual(read(whole, {}).requests);
    }),
    { numRuns: 1000 },
  );
});
