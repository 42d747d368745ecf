/**
 * What may stand in `penstock.yaml`: every key, its type, its range and its default, put
 * together from the kinds of value in `schema-parts.ts`. The only place where they are written down.
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { UNITS_MAX } from '../core/needs/pool-names.ts';
import { DURATION_HINT, durationText, parseDuration } from '../documents/duration.ts';
import {
  duration,
  mapping,
  name,
  named,
  oneOf,
  text,
  wholeNumber,
  yesNo,
} from '../documents/schema-parts.ts';
import { LOG_LEVELS } from '../ports/log.ts';
import { ACCESS_SCHEMA } from './access.ts';
import { checkTogether } from './check-together.ts';
import { HISTORY_SCHEMA } from './history.ts';
import { NEEDS_SCHEMA } from './needs-rules.ts';
import { HOST_CONFIG_SCHEMA, PROMETHEUS_SCHEMA } from './prometheus.ts';
import { STORE_SCHEMA } from './store.ts';
import { TEKTON_SCHEMA } from './tekton-settings.ts';
import { TEST_RUNS_SCHEMA } from './test-runs.ts';

const YEAR_MS = 365 * 86_400_000;
const DEFAULT_PORT = 7077;
const MAX_AGE_LEAST_MS = 1_000;
const WEIGHT_MAX = 1_000_000;
const PRIORITIES_MAX = 20;

const DEFAULT_PRIORITIES = [
  { name: 'high', patience: '10m' },
  { name: 'normal', patience: '30m' },
  { name: 'low', patience: '2h' },
];

/** Two runs for each core: steps mostly wait for something outside. */
export const DEFAULT_SLOTS = Math.max(2, 2 * availableParallelism());

/** For how long a run waits before it counts as overdue: a length of time, or never. */
const patience = z.unknown().transform((value, context) => {
  const ms = typeof value === 'string' ? parseDuration(value) : null;
  if (value === 'never') return null;
  if (ms !== null && ms <= YEAR_MS) return ms;
  const hint = typeof value === 'number' ? ` (write ${value}s if you mean seconds)` : '';
  const message = `must be ${DURATION_HINT} up to ${durationText(YEAR_MS)}, or "never"${hint}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const offIsNull = (value: unknown) => (value === 'off' ? null : value);
const portError = 'must be a port from 0 to 65535 (0 takes any free one), or off';
const port = z.preprocess(
  offIsNull,
  z
    .int({ error: portError })
    .min(0, { error: portError })
    .max(65_535, { error: portError })
    .nullable()
    .default(DEFAULT_PORT),
);

const hostError = 'must be an address or name of this machine, such as 127.0.0.1 or 0.0.0.0';
const host = z
  .string({ error: hostError })
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/, { error: hostError })
  .default('127.0.0.1');

/** `http: off` is short for a port that is off. */
const http = z.preprocess(
  (value) => (offIsNull(value) === null ? { port: null } : value),
  mapping({ host, port }).prefault({}),
);

const weightError = `must be a number over 0 and up to ${WEIGHT_MAX}`;
const tenant = mapping({
  weight: z
    .number({ error: weightError })
    .gt(0, { error: weightError })
    .max(WEIGHT_MAX, { error: weightError })
    .default(1),
  caps: named(wholeNumber(0, UNITS_MAX)).default({}),
  paused: yesNo.default(false),
});

const LABEL = 'must be text of at most 253 characters; write it in quotes';
/** What the scope of a policy can ask for. */
const labels = z
  .record(z.string().min(1).max(253), z.string({ error: LABEL }).max(253, { error: LABEL }), {
    error: 'must be a mapping from names to texts',
  })
  .default({});

/** How long a run may be held before it is cancelled. */
const maxAge = z.unknown().transform((value, context) => {
  if (value === 'off') return null;
  const ms = typeof value === 'string' ? parseDuration(value) : null;
  if (ms !== null && ms >= MAX_AGE_LEAST_MS && ms <= YEAR_MS) return ms;
  const range = `from ${durationText(MAX_AGE_LEAST_MS)} to ${durationText(YEAR_MS)}`;
  const hint = typeof value === 'number' ? ` (write ${value}s if you mean seconds)` : '';
  const message = `must be ${DURATION_HINT} ${range}, or off${hint}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const admission = mapping({
  maxGrants: wholeNumber(0, 16).default(4),
  startDeadline: duration(100, 600_000).prefault('10s'),
  relist: duration(50, 600_000).prefault('5s'),
  retryMin: duration(10, 600_000).prefault('1s'),
  retryMax: duration(10, 3_600_000).prefault('1m'),
  startConcurrency: wholeNumber(1, 256).optional(),
  maxHeld: wholeNumber(1, 1_000_000).default(100_000),
  maxAge: maxAge.prefault('off'),
  firstEstimate: mapping({
    p50: duration(1, YEAR_MS).prefault('1m'),
    p90: duration(1, YEAR_MS).prefault('5m'),
  }).prefault({}),
});

const priorities = z
  .array(mapping({ name, patience }), { error: 'must be a list of { name, patience }, the highest first' })
  .min(1, { error: 'must have at least one entry' })
  .max(PRIORITIES_MAX, { error: `must have at most ${PRIORITIES_MAX} entries` });

export const FILE_SCHEMA = mapping({
  data: text('the path of a folder').optional(),
  store: STORE_SCHEMA.prefault({}),
  engine: oneOf(['local', 'tekton']).default('local'),
  mode: oneOf(['enforce', 'shadow']).default('enforce'),
  shadow: mapping({ adopts: oneOf(['all', 'ours']).default('all') }).prefault({}),
  paused: yesNo.default(false),
  log: mapping({ level: oneOf(LOG_LEVELS).default('info') }).prefault({}),
  http: http.prefault({}),
  access: ACCESS_SCHEMA.prefault({}),
  pools: named(mapping({ size: wholeNumber(0, UNITS_MAX), paused: yesNo.default(false) })).default({}),
  priorities: priorities.prefault(DEFAULT_PRIORITIES),
  tenants: named(tenant).default({}),
  projects: named(mapping({ tenant: name, folder: text('the path of a folder').optional(), labels })).default(
    {},
  ),
  policies: text('the path of a folder').optional(),
  admission: admission.prefault({}),
  testRuns: TEST_RUNS_SCHEMA.prefault({}),
  history: HISTORY_SCHEMA.prefault({}),
  forecast: mapping({ usualArrivals: yesNo.default(true) }).prefault({}),
  needs: NEEDS_SCHEMA.prefault({}),
  tekton: TEKTON_SCHEMA.prefault({}),
  hostConfig: HOST_CONFIG_SCHEMA.optional(),
  prometheus: PROMETHEUS_SCHEMA.optional(),
}).superRefine(checkTogether);

export type FileSettings = z.output<typeof FILE_SCHEMA>;
