/**
 * Figures that whoever stands behind a port can offer: how well it sees, how often it asks.
 * Their names are written down here, once, so that those who show them know no adapter and
 * the list of metrics is the same whatever runs.
 */
export interface FigureKind {
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
}

export const FIGURES = {
  penstock_watch_event_age_seconds: {
    kind: 'gauge',
    help: 'Time since a watch last brought an event or bookmark',
    labels: ['resource'],
  },
  penstock_watch_in_doubt: {
    kind: 'gauge',
    help: '1 while what is shown of a resource may be stale',
    labels: ['resource'],
  },
  penstock_lists_total: {
    kind: 'counter',
    help: 'Whole lists of a resource that were read, the first and each relist',
    labels: ['resource'],
  },
  penstock_api_requests_total: {
    kind: 'counter',
    help: 'Requests to the API server, by verb and outcome: ok, refused, overloaded, failed, unanswered, unsent',
    labels: ['verb', 'outcome'],
  },
  penstock_note_writes_total: {
    kind: 'counter',
    help: 'Writes of annotations and Events, by what became of them: written, replaced, gone, failed, overflowed',
    labels: ['outcome'],
  },
  penstock_note_writes_waiting: {
    kind: 'gauge',
    help: 'Writes of annotations and Events that wait for their turn in the budget',
    labels: [],
  },
  penstock_host_config_problems: {
    kind: 'gauge',
    help: 'Entries of host-config that cannot be understood and are about no platform',
    labels: [],
  },
  penstock_usage_source_up: {
    kind: 'gauge',
    help: '1 while pods (pods) and what they use (metrics) can be read for history',
    labels: ['source'],
  },
  penstock_launches_total: {
    kind: 'counter',
    help: 'Launches of policies, by what became of them: launched, missed, failed',
    labels: ['state'],
  },
  penstock_policy_files_broken: {
    kind: 'gauge',
    help: 'Files of the policy folder that cannot be taken as they are: the last good version of their policies counts',
    labels: [],
  },
  penstock_meter_disagrees: {
    kind: 'gauge',
    help: '1 while a meter shows another use of a pool than what is listed, for several readings in a row',
    labels: ['pool'],
  },
  penstock_meter_unusable: {
    kind: 'gauge',
    help: '1 while what a meter shows of a pool cannot be used: absent, stale, negative, stuck',
    labels: ['pool'],
  },
} as const satisfies Readonly<Record<string, FigureKind>>;

export type FigureName = keyof typeof FIGURES;

export interface Figure {
  readonly name: FigureName;
  /** Exactly those of its kind. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
