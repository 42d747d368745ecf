/** What runs need as a table, and below it what is malformed. */
import type { Needs } from '../../core/needs/rule.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';

export interface RunNeeds extends Needs {
  readonly name: string;
  /** Pools it asks for that the configuration does not name. */
  readonly unknown: readonly string[];
}

const COLUMNS: readonly Column<RunNeeds>[] = [
  { title: 'RUN', text: ({ name }) => name },
  { title: 'PRIORITY', text: ({ priority }) => priority ?? '(default)' },
  { title: 'REQUESTS', text: requestsOf },
  { title: 'NOTE', text: noteOf, style: (run) => (noteOf(run) === '' ? 'plain' : 'warn') },
];

export function needsText(runs: readonly RunNeeds[]): string {
  const faults = runs.flatMap(({ name, faults: found }) => found.map((fault) => `${name}: ${fault}`));
  return [table(COLUMNS, runs, stdoutPaper()), ...faults].join('\n');
}

function requestsOf({ requests }: RunNeeds): string {
  return Object.entries(requests)
    .map(([pool, units]) => `${pool}=${units}`)
    .join(' ');
}

function noteOf({ faults, unknown }: RunNeeds): string {
  if (faults.length > 0) return 'malformed, stays held';
  return unknown.length === 0 ? '' : `not in the configuration: ${unknown.join(', ')}`;
}
