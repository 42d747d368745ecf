/**
 * The Lease object as read from and written to the API (coordination.k8s.io/v1).
 *
 * Always true: a lease written by anybody can be read; what is missing or odd in it counts as
 * what is safer, a lease that is still held.
 */
import { isRecord } from '../reflector/raw-object.ts';

export interface LeaseRecord {
  /** Empty: nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly acquireTime: string | null;
  readonly renewTime: string | null;
  /** For optimistic concurrency: a write with an old one is refused. */
  readonly resourceVersion: string;
}

/** As of a lease that was never made. */
export const NOBODY: LeaseRecord = {
  holder: '',
  durationMs: 0,
  transitions: 0,
  acquireTime: null,
  renewTime: null,
  resourceVersion: '',
};

/** Null where it is no Lease. */
export function readLease(body: unknown): LeaseRecord | null {
  if (!isRecord(body) || !isRecord(body.metadata)) return null;
  const { resourceVersion } = body.metadata;
  if (typeof resourceVersion !== 'string') return null;
  const spec = isRecord(body.spec) ? body.spec : {};
  return {
    holder: textOf(spec.holderIdentity) ?? '',
    durationMs: numberOf(spec.leaseDurationSeconds) * 1000,
    transitions: numberOf(spec.leaseTransitions),
    acquireTime: textOf(spec.acquireTime),
    renewTime: textOf(spec.renewTime),
    resourceVersion,
  };
}

/** `record.resourceVersion` empty: a new one. */
export function leaseBody(namespace: string, name: string, record: LeaseRecord): unknown {
  const { resourceVersion } = record;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name, ...(resourceVersion === '' ? {} : { resourceVersion }) },
    spec: {
      holderIdentity: record.holder,
      leaseDurationSeconds: Math.max(1, Math.ceil(record.durationMs / 1000)),
      leaseTransitions: record.transitions,
      ...(record.acquireTime === null ? {} : { acquireTime: record.acquireTime }),
      ...(record.renewTime === null ? {} : { renewTime: record.renewTime }),
    },
  };
}

/** The API's MicroTime takes exactly six digits. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
