/** What an installation consists of, whatever was chosen: no more rights than needed, and each choice where it belongs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manifests } from '../../../../src/adapters/tekton/manifests/manifests.ts';
import type { KubernetesObject } from '../../../../src/adapters/tekton/manifests/object.ts';
import type { ManifestOptions } from '../../../../src/adapters/tekton/manifests/options.ts';

const DEFAULTS: ManifestOptions = {
  namespace: 'flow',
  hold: 'policy',
  onFailure: 'closed',
  guard: true,
  fence: true,
  hostConfigNamespace: null,
  usage: false,
  policies: false,
  image: null,
  storeSecret: null,
  replicas: 2,
};

const anyOptions: fc.Arbitrary<ManifestOptions> = fc.record({
  namespace: fc.constantFrom('flow', 'penstock'),
  hold: fc.constantFrom('policy', 'webhook', 'none'),
  onFailure: fc.constantFrom('open', 'closed'),
  guard: fc.boolean(),
  fence: fc.boolean(),
  hostConfigNamespace: fc.constantFrom(null, 'multi-platform-controller'),
  usage: fc.boolean(),
  policies: fc.boolean(),
  image: fc.constantFrom(null, 'example.invalid/penstock:1'),
  storeSecret: fc.constantFrom(null, 'database'),
  replicas: fc.integer({ min: 1, max: 10 }),
});

interface Role {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string; readonly namespace: string }[];
}

function rulesIn(objects: readonly KubernetesObject[]): Role['rules'] {
  return objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap((object) => (object as KubernetesObject & Role).rules);
}

function kindsIn(options: Partial<ManifestOptions>): readonly string[] {
  return manifests({ ...DEFAULTS, ...options }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe('whatever is chosen', () => {
  const always = (check: (objects: readonly KubernetesObject[], options: ManifestOptions) => void) =>
    fc.assert(fc.property(anyOptions, (options) => check(manifests(options), options)));

  test('no object is printed twice, and each is complete JSON', () => {
    always((objects) => {
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      expect(JSON.parse(JSON.stringify(objects))).toEqual(objects);
    });
  });

  test('nothing is granted wholesale, runs are created only for policies and never deleted, secrets are seen by name only', () => {
    always((objects, { policies }) => {
      for (const { apiGroups, resources, verbs, resourceNames } of rulesIn(objects)) {
        expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
        if (resources.includes('secrets') || resources.includes('configmaps'))
          expect(resourceNames).toHaveLength(1);
        if (verbs.includes('delete') || verbs.includes('deletecollection')) expect(resources).toEqual([]);
      }
      const onRuns = rulesIn(objects).filter(({ resources }) => resources.includes('pipelineruns'));
      const verbs = ['get', 'list', 'watch', 'patch', ...(policies ? ['create'] : [])];
      expect(onRuns.flatMap((rule) => rule.verbs)).toEqual(verbs);
    });
  });

  test('each role is bound, each account that is bound exists', () => {
    always((objects, { namespace }) => {
      const has = (kind: string, name: string) =>
        objects.some((object) => object.kind === kind && object.metadata.name === name);
      const bindings = objects
        .filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind))
        .map((object) => object as KubernetesObject & Binding);
      for (const { roleRef, subjects } of bindings) {
        expect(has(roleRef.kind, roleRef.name)).toBe(true);
        expect(subjects.map((subject) => subject.namespace)).toEqual([namespace]);
        expect(has('ServiceAccount', subjects[0]?.name ?? '')).toBe(true);
      }
      const roles = objects.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)).length;
      // The role for test runs is bound by its aggregation into "admin".
      expect(bindings.length).toBe(roles - 1);
    });
  });

  test('the containers run without privileges, with probes and bounded memory', () => {
    always((objects) => {
      const deployments = objects.filter(({ kind }) => kind === 'Deployment');
      for (const deployment of deployments) {
        const text = JSON.stringify(deployment);
        for (const part of [
          '"runAsNonRoot":true',
          '"readOnlyRootFilesystem":true',
          '"allowPrivilegeEscalation":false',
          '"drop":["ALL"]',
          '"RuntimeDefault"',
          '"livenessProbe"',
          '"readinessProbe"',
          '"limits":{"memory"',
        ]) {
          expect(text).toContain(part);
        }
      }
    });
  });

  test("the controller's heap is bounded, well within its container", () => {
    const [penstock] = manifests({ ...DEFAULTS, image: 'example.invalid/penstock:1' }).filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'penstock',
    );
    const text = JSON.stringify(penstock);
    const heapMegabytes = Number(/"NODE_OPTIONS","value":"[^"]*--max-old-space-size=(\d+)/.exec(text)?.[1]);
    const limitMegabytes = Number(/"limits":\{"memory":"(\d+)Mi"/.exec(text)?.[1]);
    expect(heapMegabytes).toBeGreaterThan(0);
    expect(heapMegabytes * 2).toBeLessThanOrEqual(limitMegabytes);
  });
});

describe('a choice', () => {
  test('of the policy: one policy, and nothing that has to run', () => {
    const kinds = kindsIn({ hold: 'policy' });
    expect(kinds).toContain('MutatingAdmissionPolicy penstock-hold');
    expect(kinds.join()).not.toMatch(/Webhook|Secret|Deployment|Service penstock/);
  });

  test('of the webhook: its configuration, Service, Secret and account', () => {
    const kinds = kindsIn({ hold: 'webhook' });
    for (const wanted of [
      'MutatingWebhookConfiguration penstock-hold',
      'Service penstock-webhook',
      'Secret penstock-webhook-tls',
      'ServiceAccount penstock-webhook',
    ]) {
      expect(kinds).toContain(wanted);
    }
    expect(kinds.join()).not.toContain('MutatingAdmissionPolicy');
  });

  test('of nothing: what is created pending by its owner is all there is', () => {
    const kinds = kindsIn({ hold: 'none', guard: false, fence: false });
    expect(kinds.join()).not.toMatch(/Admission|Webhook/);
  });

  test.each([
    ['policy', 'open', 'Ignore'],
    ['policy', 'closed', 'Fail'],
    ['webhook', 'open', 'Ignore'],
    ['webhook', 'closed', 'Fail'],
  ] as const)('of %s that fails %s: %s', (hold, onFailure, failurePolicy) => {
    const text = JSON.stringify(manifests({ ...DEFAULTS, hold, onFailure, guard: false, fence: false }));
    expect(new Set(text.match(/"failurePolicy":"\w+"/g))).toEqual(
      new Set([`"failurePolicy":"${failurePolicy}"`]),
    );
  });

  test('of no guard or no fence leaves out just that', () => {
    expect(kindsIn({ guard: false }).filter((kind) => kind.startsWith('Validating'))).toHaveLength(4);
    expect(kindsIn({ fence: false }).filter((kind) => kind.startsWith('Validating'))).toHaveLength(2);
  });

  test('of an image: what runs it, as many webhooks as wanted', () => {
    expect(kindsIn({ image: 'example.invalid/penstock:1' })).toContain('Deployment penstock');
    const webhooks = manifests({
      ...DEFAULTS,
      hold: 'webhook',
      image: 'example.invalid/penstock:1',
      replicas: 4,
    });
    const deployment = webhooks.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'penstock-webhook',
    );
    expect(deployment).toMatchObject({ spec: { replicas: 4 } });
  });
});
