/** A reflection of the runs of a fake server, and time that passes while a test waits. */
import { setTimeout as realPause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { RawObject } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { reflect } from '../../../../src/adapters/tekton/kubernetes/reflector/reflect.ts';
import type {
  ReflectBounds,
  Reflection,
} from '../../../../src/adapters/tekton/kubernetes/reflector/reflection.ts';
import type { FakeApiServer, FakeApiServerOptions } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import type { FakeObject } from '../../../fakes/kubernetes/objects.ts';
import { clusterBy, RUNS, SILENT, serverFor } from './place.ts';

/** What the tests keep of a run. */
export interface Kept {
  readonly name: string;
  readonly version: string;
}

export interface Place {
  readonly server: FakeApiServer;
  readonly time: ManualTime;
  readonly reflection: Reflection<Kept>;
  /** `name@version` of what was removed. */
  readonly removed: string[];
}

export interface PlaceOptions {
  readonly server?: FakeApiServerOptions;
  readonly bounds?: Partial<ReflectBounds>;
  readonly labelSelector?: string;
  readonly project?: (raw: RawObject) => Kept | null;
  /** Before the reflection begins. */
  readonly prepare?: (server: FakeApiServer) => void;
}

export function kept({ metadata }: RawObject): Kept {
  return { name: metadata.name, version: metadata.resourceVersion };
}

export async function placeFor(options: PlaceOptions = {}): Promise<Place> {
  const server = await serverFor(options.server);
  options.prepare?.(server);
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  const { labelSelector, project = kept, bounds = {} } = options;
  const reflection = reflect<Kept>({
    cluster,
    path: RUNS,
    ...(labelSelector === undefined ? {} : { labelSelector }),
    project,
    log: SILENT,
    time,
    bounds,
  });
  onTestFinished(() => reflection.close());
  const removed: string[] = [];
  reflection.onRemove((_, { name, version }) => removed.push(`${name}@${version}`));
  return { server, time, reflection, removed };
}

/** Lets time pass, 50 ms to each real one or so, until the check does not throw any more. */
export async function eventually(time: ManualTime, check: () => void): Promise<void> {
  const endMs = performance.now() + 30_000;
  for (;;) {
    try {
      check();
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    await realPause(1);
    time.pass(50);
  }
}

/** Lets this much time pass, in small steps, with turns for what is under way. */
export async function passing(time: ManualTime, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    time.pass(50);
    await realPause(1);
  }
}

export function shownBy({ reflection }: Place): readonly string[] {
  return [...reflection.items().values()].map(({ name, version }) => `${name}@${version}`).toSorted();
}

export function storedOn({ server }: Place): readonly string[] {
  return server.store
    .list('pipelineruns')
    .map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
    .toSorted();
}

export function create(server: FakeApiServer, name: string, more: Partial<FakeObject> = {}): void {
  const metadata = { namespace: 'default', name, ...more.metadata };
  server.store.create('pipelineruns', { ...more, metadata });
}

/** Any change that gives it a new version. */
export function touch(server: FakeApiServer, name: string): void {
  server.store.update('pipelineruns', 'default', name, (run) => ({
    ...run,
    spec: { turn: Number(run.spec?.turn ?? 0) + 1 },
  }));
}

export function remove(server: FakeApiServer, name: string): void {
  server.store.remove('pipelineruns', 'default', name);
}
