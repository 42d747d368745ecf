/**
 * What a surprise is: something legal in a policy that does not do what its author may expect.
 */
export const SURPRISES = [
  'branch-pattern',
  'branches-together',
  'catch-up-overlaps',
  'content-refused',
  'date-not-in-every-month',
  'days-empty',
  'edit-drops-launches',
  'exclusion-undone',
  'first-window-squeezed',
  'include-unreadable',
  'key-twice',
  'key-without-effect',
  'name-twice',
  'nothing-scheduled',
  'occurrences-lost',
  'policy-inactive',
  'scope-without-effect',
  'snooze-ends-in-window',
  'snooze-over',
  'start-time-repeated',
  'start-time-skipped',
  'time-zone-renamed',
  'window-front-loaded',
  'windows-overlap',
] as const;
export type SurpriseCode = (typeof SURPRISES)[number];

/** A field of the policy's model; each format has its own path for it. */
export type PolicyField =
  | 'branches'
  | 'catchUp'
  | 'daysOfMonth'
  | 'scope'
  | 'snooze'
  | 'startTime'
  | 'windowLength';

export interface Surprise {
  readonly code: SurpriseCode;
  readonly field: PolicyField;
  /** A sentence without the name of the field. */
  readonly message: string;
}

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** "24 h", "1.5 h" */
export function hours(ms: number): string {
  return `${Math.round((ms / HOUR_MS) * 10) / 10} h`;
}
