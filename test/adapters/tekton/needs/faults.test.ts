import { describe, expect, test } from 'vitest';
import { needs, type Written } from './written-runs.ts';

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
