import { describe, expect, test } from 'vitest';
import { type NeedsReader, needsReader } from '../../../../src/adapters/tekton/needs/needs-reader.ts';
import { NEEDS_SCHEMA } from '../../../../src/config/needs-rules.ts';

const POOLS = [
  'runs',
  'linux/arm64',
  'linux/s390x',
  'linux/ppc64le',
  'linux-mlarge/arm64',
  'aws-ip',
  'mintmaker',
];

function reader(needs: unknown = {}, pools: readonly string[] = POOLS): NeedsReader {
  return needsReader({ ...NEEDS_SCHEMA.parse(needs), pools });
}

interface Written {
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly pipelineSpec?: unknown;
  readonly namespace?: string;
}

function run({ annotations, labels, params = {}, pipelineSpec, namespace = 'web' }: Written): unknown {
  return {
    metadata: { namespace, annotations, labels },
    spec: { params: Object.entries(params).map(([name, value]) => ({ name, value })), pipelineSpec },
  };
}

function needs(written: Written, read: NeedsReader = reader()) {
  return read(run(written), {});
}

const requests = (written: Written, read?: NeedsReader) => needs(written, read).requests;

test('a run that says nothing takes one run and the default priority', () => {
  expect(needs({})).toEqual({ requests: { runs: 1 }, priority: null, faults: [] });
});

describe('the forms understood', () => {
  test.each<[string, Written, Record<string, number>]>([
    ['own annotation', { annotations: { 'requests.penstock.dev/linux-arm64': '2' } }, { 'linux/arm64': 2 }],
    ['own annotation of one run', { annotations: { 'requests.penstock.dev/runs': '1' } }, {}],
    [
      "the ADR's annotation",
      { annotations: { 'prsstarter.example.com/mpc_platforms': 'linux/arm64, linux/s390x' } },
      { 'linux/arm64': 1, 'linux/s390x': 1 },
    ],
    [
      'build-platforms as a list',
      { params: { 'build-platforms': ['linux/x86_64', 'linux/arm64', 'linux-mlarge/arm64'] } },
      { 'linux/arm64': 1, 'linux-mlarge/arm64': 1 },
    ],
    ['build-platforms as JSON', { params: { 'build-platforms': '["linux/arm64"]' } }, { 'linux/arm64': 1 }],
    [
      'build-platforms as a JSON text',
      { params: { 'build-platforms': '"linux/arm64"' } },
      { 'linux/arm64': 1 },
    ],
    [
      'build-platforms as a comma list',
      { params: { 'build-platforms': 'linux/arm64,linux/s390x' } },
      { 'linux/arm64': 1, 'linux/s390x': 1 },
    ],
    [
      'build-platforms as one platform',
      { params: { 'build-platforms': 'linux/s390x' } },
      { 'linux/s390x': 1 },
    ],
    ['build-platforms empty', { params: { 'build-platforms': '' } }, {}],
    ['build-platforms an empty list', { params: { 'build-platforms': [] } }, {}],
    ['PLATFORM of the run', { params: { PLATFORM: 'linux/s390x' } }, { 'linux/s390x': 1 }],
    ['local platforms', { params: { 'build-platforms': ['local', 'localhost', 'linux/x86_64'] } }, {}],
    [
      "tekton-kueue's annotations",
      {
        annotations: {
          'kueue.konflux-ci.dev/requests-linux-arm64': '1',
          'kueue.konflux-ci.dev/requests-aws-ip': '3',
          'kueue.konflux-ci.dev/requests-linux-x86-64': '1',
        },
      },
      { 'linux/arm64': 1, 'aws-ip': 3 },
    ],
    [
      'a name that is no pool stays as written',
      { params: { PLATFORM: 'linux/riscv64' } },
      { 'linux/riscv64': 1 },
    ],
  ])('%s', (_, written, want) => {
    const result = needs(written);
    expect(result).toEqual({ requests: { runs: 1, ...want }, priority: null, faults: [] });
  });

  test('a platform without a cap is a pool where there is one of that name', () => {
    const read = reader({}, ['linux/x86_64']);
    expect(requests({ params: { PLATFORM: 'linux/x86_64' } }, read)).toEqual({ runs: 1, 'linux/x86_64': 1 });
    expect(requests({ annotations: { 'kueue.konflux-ci.dev/requests-linux-x86-64': '1' } }, read)).toEqual({
      runs: 1,
      'linux/x86_64': 1,
    });
  });

  test("the prefix of the ADR's annotation can be changed", () => {
    const annotations = { 'start.acme.test/mpc_platforms': 'linux/arm64' };
    expect(requests({ annotations }, reader({ annotationPrefix: 'start.acme.test' }))).toEqual({
      runs: 1,
      'linux/arm64': 1,
    });
    expect(requests({ annotations })).toEqual({ runs: 1 });
  });
});

describe('PLATFORM in an embedded pipeline', () => {
  const task = (value: unknown) => ({ name: 'build', params: [{ name: 'PLATFORM', value }] });
  const matrix = (value: unknown) => ({ name: 'build', matrix: { params: [{ name: 'PLATFORM', value }] } });

  test.each<[string, Written, Record<string, number>]>([
    ['a plain value', { pipelineSpec: { tasks: [task('linux/s390x')] } }, { 'linux/s390x': 1 }],
    ['in finally', { pipelineSpec: { finally: [task('linux/s390x')] } }, { 'linux/s390x': 1 }],
    [
      'a matrix',
      { pipelineSpec: { tasks: [matrix(['linux/arm64', 'linux/s390x'])] } },
      { 'linux/arm64': 1, 'linux/s390x': 1 },
    ],
    [
      'a matrix over a param of the run',
      {
        params: { 'build-platforms': ['linux/arm64'] },
        pipelineSpec: { tasks: [matrix(['$(params.build-platforms)'])] },
      },
      { 'linux/arm64': 1 },
    ],
    [
      'a matrix over all items of a param',
      {
        params: { archs: ['linux/arm64', 'linux/s390x'] },
        pipelineSpec: { tasks: [matrix('$(params.archs[*])')] },
      },
      { 'linux/arm64': 1, 'linux/s390x': 1 },
    ],
    [
      'one item of a param',
      {
        params: { archs: ['linux/arm64', 'linux/s390x'] },
        pipelineSpec: { tasks: [task('$(params.archs[1])')] },
      },
      { 'linux/s390x': 1 },
    ],
    [
      'a reference in brackets',
      { params: { 'my.arch': 'linux/s390x' }, pipelineSpec: { tasks: [task('$(params["my.arch"])')] } },
      { 'linux/s390x': 1 },
    ],
    [
      'a reference within a text',
      { params: { arch: 's390x' }, pipelineSpec: { tasks: [task('linux/$(params.arch)')] } },
      { 'linux/s390x': 1 },
    ],
    [
      "the embedded pipeline's default",
      {
        pipelineSpec: { params: [{ name: 'arch', default: 'linux/s390x' }], tasks: [task('$(params.arch)')] },
      },
      { 'linux/s390x': 1 },
    ],
    [
      "the run's value over the default",
      {
        params: { arch: 'linux/arm64' },
        pipelineSpec: { params: [{ name: 'arch', default: 'linux/s390x' }], tasks: [task('$(params.arch)')] },
      },
      { 'linux/arm64': 1 },
    ],
    [
      'what is known only later',
      { pipelineSpec: { tasks: [task('$(tasks.pick.results.arch)'), task('$(params.nope)')] } },
      {},
    ],
    [
      'combinations of include',
      {
        pipelineSpec: {
          tasks: [
            { name: 'b', matrix: { include: [{ params: [{ name: 'PLATFORM', value: 'linux/arm64' }] }] } },
          ],
        },
      },
      { 'linux/arm64': 1 },
    ],
  ])('%s', (_, written, want) => {
    expect(needs(written)).toEqual({ requests: { runs: 1, ...want }, priority: null, faults: [] });
  });

  test('a platform counts once however many forms and tasks name it', () => {
    expect(
      requests({
        annotations: { 'prsstarter.example.com/mpc_platforms': 'linux/arm64' },
        params: { 'build-platforms': ['linux/arm64'], PLATFORM: 'linux/arm64' },
        pipelineSpec: { tasks: [matrix(['$(params.build-platforms)']), task('linux/arm64')] },
      }),
    ).toEqual({ runs: 1, 'linux/arm64': 1 });
  });

  test('a platform twice in one matrix is two tasks at once, hence two units', () => {
    expect(
      requests({
        params: { 'build-platforms': ['linux/arm64', 'linux/arm64'] },
        pipelineSpec: { tasks: [matrix(['$(params.build-platforms)'])] },
      }),
    ).toEqual({ runs: 1, 'linux/arm64': 2 });
  });
});

describe('which form wins', () => {
  test('own annotations over those of tekton-kueue, those over platforms', () => {
    expect(
      requests({
        annotations: {
          'requests.penstock.dev/linux-arm64': '3',
          'kueue.konflux-ci.dev/requests-linux-arm64': '2',
          'kueue.konflux-ci.dev/requests-linux-s390x': '2',
        },
        params: { 'build-platforms': ['linux/arm64', 'linux/s390x', 'linux/ppc64le'] },
      }),
    ).toEqual({ runs: 1, 'linux/arm64': 3, 'linux/s390x': 2, 'linux/ppc64le': 1 });
  });

  test('annotations over rules, and of platforms and rules the larger', () => {
    const read = reader({
      rules: [
        { name: 'a', requests: { 'aws-ip': 5, 'linux/arm64': 2 } },
        { name: 'b', requests: { 'aws-ip': 1, mintmaker: 1 } },
        { name: 'c', requests: { mintmaker: 2 } },
      ],
    });
    expect(
      requests(
        { annotations: { 'kueue.konflux-ci.dev/requests-aws-ip': '3' }, params: { PLATFORM: 'linux/arm64' } },
        read,
      ),
    ).toEqual({ runs: 1, 'aws-ip': 3, 'linux/arm64': 2, mintmaker: 3 });
  });

  test('priority: own label, else the priority class, else the first rule', () => {
    const read = reader({
      rules: [
        { name: 'x', when: 'false', priority: 'never' },
        { name: 'a', priority: 'low' },
        { name: 'b', priority: 'high' },
      ],
    });
    const own = { 'penstock.dev/priority': 'own', 'kueue.x-k8s.io/priority-class': 'konflux-release' };
    expect(needs({ labels: own }, read).priority).toBe('own');
    const kueue = { 'penstock.dev/priority': '', 'kueue.x-k8s.io/priority-class': 'konflux-release' };
    expect(needs({ labels: kueue }, read).priority).toBe('konflux-release');
    expect(needs({}, read).priority).toBe('low');
  });
});

describe('rules as Konflux has them', () => {
  const read = reader({
    rules: [
      {
        name: 'cloud machines take an address',
        forEach:
          'pool.startsWith("linux") && !(pool in ["linux/ppc64le", "linux/s390x", "linux/x86_64", "local", "localhost"])',
        requests: { 'aws-ip': 1 },
      },
      {
        name: 'dependency updates',
        when: 'project == "mintmaker" || labels["tier"] == "updates"',
        requests: { mintmaker: 1 },
        priority: 'dependency-update',
      },
      {
        name: 'by params',
        when: '"linux/s390x" in lists["build-platforms"] && params["kind"] == "full"',
        priority: 'big',
      },
      {
        name: 'by the project',
        when: 'projectLabels["team"].startsWith("rel")',
        priority: 'konflux-release',
      },
    ],
  });

  test.each<[string, Written, Record<string, number>, string | null]>([
    [
      'neither',
      { params: { 'build-platforms': ['linux/s390x', 'linux/ppc64le'] } },
      { 'linux/s390x': 1, 'linux/ppc64le': 1 },
      null,
    ],
    [
      'two addresses for two machines',
      { params: { 'build-platforms': ['linux/arm64', 'linux-mlarge/arm64', 'linux/s390x'] } },
      { 'linux/arm64': 1, 'linux-mlarge/arm64': 1, 'linux/s390x': 1, 'aws-ip': 2 },
      null,
    ],
    ['by namespace', { namespace: 'mintmaker' }, { mintmaker: 1 }, 'dependency-update'],
    ['by label', { labels: { tier: 'updates' } }, { mintmaker: 1 }, 'dependency-update'],
    [
      'by params',
      { params: { 'build-platforms': ['linux/s390x'], kind: 'full' } },
      { 'linux/s390x': 1 },
      'big',
    ],
  ])('%s', (_, written, want, priority) => {
    expect(needs(written, read)).toEqual({ requests: { runs: 1, ...want }, priority, faults: [] });
  });

  test('by labels of the namespace', () => {
    expect(read(run({}), { team: 'release' }).priority).toBe('konflux-release');
  });
});

describe('what is malformed is a fault that names it', () => {
  const own = (units: unknown) => ({ annotations: { 'requests.penstock.dev/linux-arm64': units } });
  test.each<[string, Written, RegExp]>([
    ...['0', '-1', '1.5', 'many', '', ' 1', '1e3', '1000001', '99999999999999999999'].map(
      (units): [string, Written, RegExp] => [
        `units ${JSON.stringify(units)}`,
        own(units),
        /^annotation requests\.penstock\.dev\/linux-arm64 is ".*"; it must be a whole number from 1 to 1000000$/,
      ],
    ),
    ['units that are no text', own(1), /is 1; it must be a whole number/],
    [
      "tekton-kueue's negative",
      { annotations: { 'kueue.konflux-ci.dev/requests-aws-ip': '-2' } },
      /requests-aws-ip is "-2"/,
    ],
    [
      'two runs',
      { annotations: { 'requests.penstock.dev/runs': '2' } },
      /requests\.penstock\.dev\/runs is "2"; it must be 1/,
    ],
    ['no pool', { annotations: { 'requests.penstock.dev/': '2' } }, /names no pool/],
    [
      'two annotations of one pool',
      { annotations: { 'requests.penstock.dev/linux-arm64': '1', 'requests.penstock.dev/linux_arm64': '1' } },
      /^annotations requests\.penstock\.dev\/linux-arm64 and requests\.penstock\.dev\/linux_arm64 name the same pool/,
    ],
    [
      'a list of other things',
      { params: { 'build-platforms': ['linux/arm64', 7] } },
      /^param build-platforms has 7 in it/,
    ],
    [
      'a mapping',
      { params: { 'build-platforms': { a: 'b' } } },
      /^param build-platforms is a mapping; it must be a platform, or a list/,
    ],
    ['broken JSON', { params: { 'build-platforms': '["linux/arm64"' } }, /which is not JSON/],
    [
      'an empty name',
      { params: { 'build-platforms': 'linux/arm64,,linux/s390x' } },
      /^param build-platforms has an empty platform name/,
    ],
    [
      'no name',
      { params: { PLATFORM: 'linux arm64\nx' } },
      /^param PLATFORM has "linux arm64\\nx" in it; a platform must be/,
    ],
    [
      'too many',
      { params: { PLATFORM: Array.from({ length: 101 }, (_, i) => `p${i}`) } },
      /has 101 platforms; at most 100/,
    ],
    [
      "the ADR's annotation",
      { annotations: { 'prsstarter.example.com/mpc_platforms': ',' } },
      /^annotation prsstarter\.example\.com\/mpc_platforms has an empty/,
    ],
    [
      'a task of an embedded pipeline',
      { pipelineSpec: { tasks: [{ name: 'build', params: [{ name: 'PLATFORM', value: ['', 'x'] }] }] } },
      /^param PLATFORM of task "build" has an empty/,
    ],
    [
      'a priority',
      { labels: { 'penstock.dev/priority': 'no way' } },
      /^label penstock\.dev\/priority is "no way"/,
    ],
  ])('%s', (_, written, want) => {
    const { faults, requests: asked } = needs(written);
    expect(faults).toEqual([expect.stringMatching(want)]);
    expect(asked.runs).toBe(1);
  });

  test('what is wrong elsewhere leaves the rest readable', () => {
    const annotations = { 'requests.penstock.dev/linux-arm64': 'x', 'requests.penstock.dev/aws-ip': '2' };
    expect(needs({ annotations }).requests).toEqual({ runs: 1, 'aws-ip': 2 });
  });

  test('faults are bounded', () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`requests.penstock.dev/p${i}`, '0']),
    );
    const { faults } = needs({ annotations });
    expect(faults).toHaveLength(10);
    expect(faults.at(-1)).toBe('and 491 more faults');
  });
});

test('equal needs are one object', () => {
  const read = reader();
  const a = needs({ params: { 'build-platforms': ['linux/arm64', 'linux/s390x'] } }, read);
  const b = needs({ params: { 'build-platforms': 'linux/s390x,linux/arm64' } }, read);
  const low = needs(
    { params: { 'build-platforms': 'linux/s390x,linux/arm64' }, labels: { 'penstock.dev/priority': 'low' } },
    read,
  );
  expect(b).toBe(a);
  expect(low.requests).toBe(a.requests);
});
