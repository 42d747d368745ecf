/** What is shown of registered policies: one, or a page of them by name. */
import { CodedError } from '../../core/errors/catalogue.ts';
import { firstOccurrences } from '../../core/schedule/recurrence.ts';
import type { PolicyDetail, PolicyView, RegisteredPolicy } from './registered-policy.ts';
import { notLaunched } from './run-of-policy.ts';

export function policyView(record: RegisteredPolicy, nowMs: number, engineKind: string): PolicyView {
  const { policy } = record;
  const { snooze } = policy;
  const refusal = notLaunched(policy, engineKind);
  const fires = record.isActive && refusal === null;
  const [next] = fires ? firstOccurrences(policy.schedule, nowMs, 1) : [];
  return {
    name: policy.name,
    displayName: policy.displayName,
    description: policy.description,
    identity: record.identity,
    format: policy.format,
    enabled: policy.enabled,
    active: record.isActive,
    notLaunched: refusal,
    snoozedUntilMs: snooze !== null && snooze.untilMs > nowMs ? snooze.untilMs : null,
    nextOccurrenceAtMs: next?.startsAtMs ?? null,
    source: record.source,
    version: record.version,
    contentHash: record.contentHash,
    configHash: record.configHash,
    contentKnown: record.isContentKnown,
    savedAtMs: record.savedAtMs,
    savedBy: record.savedBy,
  };
}

export function policyDetail(record: RegisteredPolicy, nowMs: number, engineKind: string): PolicyDetail {
  const document = record.document as Readonly<Record<string, unknown>>;
  return { ...policyView(record, nowMs, engineKind), document };
}

/** The names behind the last one of a page, in order, and where the next page goes on. */
export function pageOfNames(
  names: readonly string[],
  { limit, after }: { readonly limit: number; readonly after: string | null },
): { readonly page: readonly string[]; readonly next: string | null } {
  const last = after === null ? null : nameOf(after);
  const rest = last === null ? names : names.filter((name) => name > last);
  const page = rest.slice(0, limit);
  return { page, next: rest.length > limit ? cursorOf(page.at(-1) ?? '') : null };
}

/** In hex: names of GitLab's policies may have any letters, a cursor stands in an address. */
function cursorOf(name: string): string {
  return [...new TextEncoder().encode(name)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function nameOf(cursor: string): string {
  const bytes = /^([0-9a-f]{2}){1,2000}$/.test(cursor) ? (cursor.match(/../g) ?? []) : null;
  if (bytes === null) {
    throw new CodedError('request-invalid', 'after: must be what an earlier page gave as next.', {
      field: 'after',
    });
  }
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)));
}
