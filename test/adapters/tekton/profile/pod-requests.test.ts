/** What a pod reserves, in the notation and by the rules of Kubernetes. */
import { describe, expect, test } from 'vitest';
import { type PodSpec, podRequests } from '../../../../src/adapters/tekton/profile/pod-requests.ts';
import { quantity } from '../../../../src/adapters/tekton/profile/quantity.ts';

describe('quantities', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['100m', 0.1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1234567n', 0.001234567],
    ['64Mi', 64 * 2 ** 20],
    ['1G', 1e9],
    ['2Gi', 2 ** 31],
    ['1e3', 1000],
    ['12E2', 1200],
    ['+3k', 3000],
    [7, 7],
  ])('%j is %d', (written, value) => {
    expect(quantity(written)).toBeCloseTo(value, 12);
  });

  test.each(['', 'abc', '1 Gi', '-1', '1Gi2', '1ee3', '1e999', undefined, null, {}])(
    '%j is none',
    (written) => {
      expect(quantity(written)).toBeNull();
    },
  );
});

describe('a pod reserves', () => {
  const asking = (cpu: string, memory: string) => ({ resources: { requests: { cpu, memory } } });
  const sidecar = (cpu: string) => ({ ...asking(cpu, '0'), restartPolicy: 'Always' });
  const cpuOf = (spec: PodSpec) => podRequests(spec).cpuMillis;

  test('what its containers ask for together', () => {
    const containers = [asking('250m', '64Mi'), asking('1', '1Gi'), {}];
    expect(podRequests({ containers })).toEqual({ cpuMillis: 1250, memoryBytes: 2 ** 30 + 2 ** 26 });
  });

  test('what an init container asks for, where that is more', () => {
    expect(
      cpuOf({ containers: [asking('1', '0')], initContainers: [asking('4', '0'), asking('2', '0')] }),
    ).toBe(4000);
  });

  test('sidecars all the time, also beside the init containers after them', () => {
    const initContainers = [asking('3', '0'), sidecar('500m'), asking('2800m', '0')];
    expect(cpuOf({ containers: [asking('1', '0')], initContainers })).toBe(3300);
    expect(cpuOf({ containers: [asking('3', '0')], initContainers })).toBe(3500);
  });

  test('what the pod as a whole asks for, and its overhead', () => {
    const containers = [asking('1', '64Mi')];
    const spec = {
      containers,
      resources: { requests: { cpu: '2' } },
      overhead: { cpu: '100m', memory: '1Mi' },
    };
    expect(podRequests(spec)).toEqual({ cpuMillis: 2100, memoryBytes: 65 * 2 ** 20 });
  });

  test('nothing where nothing is asked for', () => {
    expect(podRequests({})).toEqual({ cpuMillis: 0, memoryBytes: 0 });
  });
});
