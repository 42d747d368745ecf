/** What happens, counted from the events of the admission loop as they come. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { AdmissionEvent, AdmissionListener } from '../../app/admission/events.ts';
import type { LabelNames } from './bounded-names.ts';

/** From a second to two days: a bulk build on Friday ends on Sunday. */
const WAIT_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 172_800];
const PASS_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

export function eventCounters(registry: Registry, names: LabelNames): AdmissionListener {
  const onStart = startCounters(registry, names);
  const onPass = passTimes(registry);
  const onProblem = problemCounters(registry);
  const onEnd = endCounters(registry, names);
  return (event) => {
    onStart(event);
    onPass(event);
    onProblem(event);
    onEnd(event);
  };
}

type Counting = (event: AdmissionEvent) => void;

function startCounters(registry: Registry, names: LabelNames): Counting {
  const registers = [registry];
  const starts = new Counter({
    name: 'penstock_starts_total',
    help: 'Runs started, by tenant',
    labelNames: ['tenant'],
    registers,
  });
  const poolStarts = new Counter({
    name: 'penstock_pool_starts_total',
    help: 'Runs started, by each pool they asked for',
    labelNames: ['pool'],
    registers,
  });
  const waits = new Histogram({
    name: 'penstock_wait_seconds',
    help: 'How long started runs had been held, by tenant',
    labelNames: ['tenant'],
    buckets: WAIT_BUCKETS_SECONDS,
    registers,
  });
  return (event) => {
    if (event.kind !== 'run-started') return;
    const tenant = names.tenant(event.tenant);
    starts.inc({ tenant });
    waits.observe({ tenant }, event.heldForMs / 1000);
    for (const pool of event.pools) poolStarts.inc({ pool: names.pool(pool) });
  };
}

function passTimes(registry: Registry): Counting {
  const registers = [registry];
  const passes = new Histogram({
    name: 'penstock_pass_seconds',
    help: 'Time of a whole pass: observe, decide, ask for the starts',
    buckets: PASS_BUCKETS_SECONDS,
    registers,
  });
  const decisions = new Histogram({
    name: 'penstock_decision_seconds',
    help: 'Time of the decision alone: who starts now, from what was observed',
    buckets: PASS_BUCKETS_SECONDS,
    registers,
  });
  return (event) => {
    if (event.kind === 'pass-finished') passes.observe(event.tookMs / 1000);
    if (event.kind === 'decided') decisions.observe(event.tookMs / 1000);
  };
}

function problemCounters(registry: Registry): Counting {
  const registers = [registry];
  const unsettled = new Counter({
    name: 'penstock_start_problems_total',
    help: 'Starts that the engine refused, whose answer was lost, or that took no effect in time',
    labelNames: ['kind'],
    registers,
  });
  const doubts = new Counter({
    name: 'penstock_doubts_total',
    help: 'Failures to read or write what the loop needs, by source',
    labelNames: ['source'],
    registers,
  });
  return (event) => {
    switch (event.kind) {
      case 'start-refused':
      case 'start-unknown':
      case 'start-lapsed':
        return unsettled.inc({ kind: event.kind });
      case 'doubt':
        return doubts.inc({ source: event.doubt.source });
      default:
        return undefined;
    }
  };
}

function endCounters(registry: Registry, names: LabelNames): Counting {
  const registers = [registry];
  const expired = new Counter({
    name: 'penstock_expired_total',
    help: 'Held runs that were cancelled because they were older than their maximum age, by tenant',
    labelNames: ['tenant'],
    registers,
  });
  const finished = new Counter({
    name: 'penstock_finished_total',
    help: 'Runs that ended, by tenant and outcome',
    labelNames: ['tenant', 'outcome'],
    registers,
  });
  return (event) => {
    if (event.kind === 'run-expired') expired.inc({ tenant: names.tenant(event.tenant) });
    if (event.kind !== 'run-finished') return;
    finished.inc({ tenant: names.tenant(event.run.tenant), outcome: event.run.outcome });
  };
}
