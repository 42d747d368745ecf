/**
 * What a PipelineRun is called in Penstock: `namespace/name@` and the first eight digits of
 * its uid. People find the name they know in it, and a run made again under the same name is
 * another run. The API server never gives out a uid twice.
 */
import { type RunId, runId } from '../../../core/model/run.ts';
import { nameOf } from './create-run.ts';

const UID_DIGITS = 8;
const SHAPE = /^([^/@]+)\/([^/@]+)@([0-9a-z-]+)$/;

export interface RunPlace {
  readonly namespace: string;
  readonly name: string;
  /** The beginning of its uid. */
  readonly uidPrefix: string;
}

export function idOf(namespace: string, name: string, uid: string): RunId {
  return runId(`${namespace}/${name}@${uid.slice(0, UID_DIGITS)}`);
}

/** Null when no PipelineRun can be called that. */
export function placeOf(id: RunId): RunPlace | null {
  const [, namespace, name, uidPrefix] = SHAPE.exec(id) ?? [];
  if (namespace === undefined || name === undefined || uidPrefix === undefined) return null;
  return { namespace, name, uidPrefix };
}

/** Where a run that is asked for under this id is put: equal to `placeWithoutUid` of what it is observed as. */
export function askedPlace(id: RunId, namespace: string): string {
  return `${namespace}/${nameOf(id)}@`;
}

/** The beginning of its id, and of no other but those of its name. */
export function placeWithoutUid(id: RunId): string {
  return `${id.split('@', 1)[0] ?? id}@`;
}
