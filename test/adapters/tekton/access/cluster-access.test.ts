/** Access as a cluster grants it, over a real connection to a fake API server. */
import { expect, test } from 'vitest';
import { ClusterAccess } from '../../../../src/adapters/tekton/access/cluster-access.ts';
import { openCluster } from '../../../../src/adapters/tekton/kubernetes/open-cluster.ts';
import { newToken } from '../../../../src/documents/access-token.ts';
import { accessConformance, type Person } from '../../../conformance/access.ts';
import { startFakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { type FakeUser, reviewsBy } from '../../../fakes/kubernetes/reviews.ts';
import { fileFor } from '../kubernetes/place.ts';

const SEE = 'list pipelineruns.tekton.dev';
const OWN = 'create testruns.penstock.dev';
const signal = new AbortController().signal;

function rightsOf({ role, projects }: Person): readonly string[] {
  if (role === 'admin') return ['update controls.penstock.dev *', `${SEE} *`, `${OWN} *`];
  return projects.map((project) => `${role === 'owner' ? OWN : SEE} ${project}`);
}

async function open(given: readonly FakeUser[]) {
  let users = given;
  const server = await startFakeApiServer({ reviews: reviewsBy(() => users) });
  const kubeconfig = fileFor(server.kubeconfig());
  const cluster = await openCluster({ kubeconfig, context: null, env: {}, version: '9.9.9' });
  const time = new ManualTime();
  const access = new ClusterAccess({ cluster, time });
  const dispose = async (): Promise<void> => {
    await cluster.close();
    await server.stop();
  };
  const reviews = () => server.requests.filter(({ method }) => method === 'POST').length;
  return { server, access, time, reviews, dispose, become: (now: readonly FakeUser[]) => (users = now) };
}

accessConformance('Kubernetes', async (people) => {
  const users = people.map((person) => {
    return { name: `${person.name}@example.org`, token: `token-of-${person.name}`, rights: rightsOf(person) };
  });
  const { access, dispose } = await open(users);
  return { access, dispose, tokens: new Map(people.map(({ name }) => [name, `token-of-${name}`])) };
});

const otto: FakeUser = { name: 'otto', token: 'tok', rights: [`${OWN} shop`] };

test('what was answered is not asked again for a minute; a right taken away counts no longer', async () => {
  const place = await open([otto]);
  const owns = async () => (await place.access.callerOf('tok', signal))?.owns('shop', signal);
  expect(await owns()).toBe(true);
  const asked = place.reviews();
  expect(await owns()).toBe(true);
  expect([place.reviews(), place.access.isCostly('tok'), place.access.isCostly('new')]).toEqual([
    asked,
    false,
    true,
  ]);
  place.become([{ ...otto, rights: [] }]);
  place.time.pass(61_000);
  expect(await owns()).toBe(false);
  place.become([]);
  place.time.pass(61_000);
  expect(await place.access.callerOf('tok', signal)).toBeNull();
  await place.dispose();
});

test('a hundred questions at once are one', async () => {
  const place = await open([otto]);
  const callers = await Promise.all(Array.from({ length: 100 }, () => place.access.callerOf('tok', signal)));
  expect(new Set(callers.map((caller) => caller?.name))).toEqual(new Set(['otto']));
  expect(place.reviews()).toBe(3);
  await place.dispose();
});

test('an API server that does not answer, or forbids to ask, lets nobody in, and is asked again', async () => {
  const place = await open([otto]);
  const path = /tokenreviews/;
  for (const code of [403, 500]) {
    place.server.faults.add({ method: 'POST', path, fault: { kind: 'answer', code } });
    await expect(place.access.callerOf('tok', signal)).rejects.toMatchObject({ code: 'not-ready' });
  }
  expect((await place.access.callerOf('tok', signal))?.name).toBe('otto');
  await place.dispose();
});

test('a token of Penstock’s own is not shown to the cluster, and no name is taken for all namespaces', async () => {
  const place = await open([{ ...otto, rights: [`${OWN} *`] }]);
  expect(await place.access.callerOf(newToken(), signal)).toBeNull();
  expect(place.reviews()).toBe(0);
  const caller = await place.access.callerOf('tok', signal);
  for (const name of ['', '../shop', 'Shop', 'a/b', 'x'.repeat(64)]) {
    expect(await caller?.owns(name, signal)).toBe(false);
  }
  await place.dispose();
});
