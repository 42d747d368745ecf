/**
 * The parts `prometheus` and `hostConfig` of `penstock.yaml`: where capacity is read from,
 * besides sizes that are written down.
 */
import { z } from 'zod';
import { duration, mapping, name, oneOf, text } from '../documents/schema-parts.ts';

const QUERIES_MAX = 50;
const QUERY_LENGTH_MAX = 2_000;
const POOLS_MAX = 1_000;
const SECOND_MS = 1_000;
const LATE_MAX_MS = 300 * SECOND_MS;

const RUNNING_RUNS = 'tekton_pipelines_controller_running_pipelineruns';
/** The controller's own provisioning tasks carry the same labels as those they are for. */
const RUNNING_TASKS =
  'multi_platform_controller_running_tasks{taskrun_namespace!="multi-platform-controller"}';

/** The two signals of Konflux ADR 47. */
const ADR_QUERIES = [
  // Tekton up to v1.9 refreshes its gauge each 30 s, later ones when they are scraped; the
  // multi-platform-controller each 15 s.
  { pool: 'runs', query: `avg(${RUNNING_RUNS})`, scrapeTimesOf: RUNNING_RUNS, late: '30s' },
  {
    poolLabel: 'platform',
    query: `sum by (platform) (${RUNNING_TASKS})`,
    scrapeTimesOf: RUNNING_TASKS,
    late: '15s',
  },
];

const urlError =
  'must be the address of a Prometheus server, such as http://prometheus.monitoring:9090, without a password';
const url = z.string({ error: urlError }).refine(
  (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : null;
    const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
    return isWeb && parsed.username === '' && parsed.password === '' && parsed.search === '';
  },
  { error: urlError },
);

function promQl(what: string) {
  const error = `must be at most ${QUERY_LENGTH_MAX} characters`;
  return text(what).refine((value) => value.length <= QUERY_LENGTH_MAX, { error });
}

const labelError = 'must be the name of a label of the query';
const label = z.string({ error: labelError }).regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,199}$/, { error: labelError });

const common = {
  query: promQl('a PromQL query'),
  pool: name.optional(),
  poolLabel: label.optional(),
  scrapeTimesOf: promQl('the selector of the series behind the query').optional(),
};

interface Named {
  readonly pool?: string | undefined;
  readonly poolLabel?: string | undefined;
  readonly scrapeTimesOf?: string | undefined;
}

const onePoolError = 'must have either pool or poolLabel: whose number it is, or the label that says so';

function meterQuery(query: string, { pool, poolLabel, scrapeTimesOf }: Named) {
  const of =
    pool === undefined ? { kind: 'label' as const, label: poolLabel ?? '' } : { kind: 'pool' as const, pool };
  return { query, of, scrapeTimesOf: scrapeTimesOf ?? null };
}

const useQuery = mapping({
  ...common,
  pools: z.array(name, { error: 'must be a list of pools' }).max(POOLS_MAX).optional(),
  countsPending: oneOf(['auto', 'yes', 'no']).optional(),
  whenEmpty: oneOf(['doubt', 'zero']).default('doubt'),
  late: duration(0, LATE_MAX_MS).prefault('0s'),
})
  .refine(({ pool, poolLabel }) => (pool === undefined) !== (poolLabel === undefined), {
    error: onePoolError,
  })
  .transform(({ query, pools, countsPending, whenEmpty, late, ...named }) => ({
    ...meterQuery(query, named),
    pools: pools ?? null,
    // A held run has no tasks yet, so a gauge of tasks by platform cannot count it.
    countsPending: countsPending ?? (named.pool === undefined ? ('no' as const) : ('auto' as const)),
    whenEmpty,
    lateMs: late,
  }));

const sizeQuery = mapping(common)
  .refine(({ pool, poolLabel }) => (pool === undefined) !== (poolLabel === undefined), {
    error: onePoolError,
  })
  .transform(({ query, ...named }) => meterQuery(query, named));

function queries<Query extends z.ZodType>(query: Query) {
  const error = `must be a list of at most ${QUERIES_MAX} queries`;
  return z.array(query, { error }).max(QUERIES_MAX, { error });
}

/**
 * `source`: what the metrics show counts, and a pool whose metric is in doubt starts nothing.
 * `cross-check`: what is listed counts, and a disagreement is told.
 */
export const METER_ROLES = ['source', 'cross-check'] as const;

export const PROMETHEUS_SCHEMA = mapping({
  url,
  role: oneOf(METER_ROLES).default('source'),
  bearerTokenFile: text('the path of a file').optional(),
  interval: duration(SECOND_MS, 600 * SECOND_MS).prefault('15s'),
  timeout: duration(100, 60 * SECOND_MS).prefault('5s'),
  staleAfter: duration(SECOND_MS, 3_600 * SECOND_MS).prefault('2m'),
  use: queries(useQuery).prefault(ADR_QUERIES),
  sizes: queries(sizeQuery).default([]),
});

export const HOST_CONFIG_SCHEMA = mapping({
  namespace: text('the name of a namespace').default('multi-platform-controller'),
  name: text('the name of a ConfigMap').default('host-config'),
});

export type PrometheusSettings = z.output<typeof PROMETHEUS_SCHEMA>;
