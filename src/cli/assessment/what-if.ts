/** "window=4h,runners=60" in words of the core. */
import { InvalidArgumentError } from 'commander';
import type { Change } from '../../core/assessment/changes.ts';
import type { Scenario } from '../../core/assessment/what-if.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import { SPREADS } from '../../core/policy/model.ts';
import { parseDuration } from '../../documents/duration.ts';

const HINT =
  'It must be one or more of window=4h, spread=even, start=03:00, runners=60, pool:NAME=8, projects=100, priority=low and timeout=1h, with commas between.';

/** Collects repeated options: each is a case of its own. */
export function scenario(text: string, before: readonly Scenario[] = []): readonly Scenario[] {
  return [...before, { label: text, changes: text.split(',').map((part) => changeOf(part.trim())) }];
}

function changeOf(text: string): Change {
  const at = text.lastIndexOf('=');
  const change = at <= 0 ? null : parsed(text.slice(0, at), text.slice(at + 1));
  if (change === null) throw new InvalidArgumentError(`"${text.slice(0, 60)}" is none. ${HINT}`);
  return change;
}

type Read = (value: string) => Change | null;

const READERS: Readonly<Record<string, Read>> = {
  window: ofLength((lengthMs) => ({ kind: 'window', lengthMs })),
  timeout: ofLength((timeoutMs) => ({ kind: 'timeout', timeoutMs })),
  runners: ofNumber((size) => ({ kind: 'pool', pool: RUNS_POOL, size })),
  projects: ofNumber((projects) => (projects < 1 ? null : { kind: 'projects', projects })),
  priority: (priority) => (priority === '' ? null : { kind: 'priority', priority }),
  spread: (value) => {
    const spread = SPREADS.find((one) => one === value);
    return spread === undefined ? null : { kind: 'spread', spread };
  },
  start: (value) => {
    const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value) ?? [];
    return hours === undefined ? null : { kind: 'start', minute: 60 * Number(hours) + Number(minutes) };
  },
};

function parsed(name: string, value: string): Change | null {
  if (name.startsWith('pool:'))
    return ofNumber((size) => ({ kind: 'pool', pool: name.slice(5), size }))(value);
  return Object.hasOwn(READERS, name) ? (READERS[name]?.(value) ?? null) : null;
}

function ofLength(change: (ms: number) => Change): Read {
  return (value) => {
    const ms = parseDuration(value);
    return ms === null || ms <= 0 ? null : change(ms);
  };
}

function ofNumber(change: (value: number) => Change | null): Read {
  return (value) => (/^\d{1,6}$/.test(value) ? change(Number(value)) : null);
}
