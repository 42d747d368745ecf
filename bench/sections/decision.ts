/**
 * What one decision costs when many wait: a run ends, admission decides, on the incremental
 * structure that the controller and the forecast share. The same classes are there with a
 * thousand waiting runs and with a hundred thousand, so only the length of the queue differs.
 */
import { ActiveRuns } from '../../src/core/admission/active-runs.ts';
import { buildTables } from '../../src/core/admission/build-tables.ts';
import { AdmissionQueue } from '../../src/core/admission/queue.ts';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { admissionQueue } from '../workloads/admission.ts';

const TENANTS = 5;
const DECISIONS = 300;
/** Not measured: putting the queue back has filled the caches with other things. */
const WARMING = 100;
const BATCHES = 200;
const STEP_MS = 1_000;

/** Returns what measures microseconds a decision with that many waiting. */
function decisions(runs: number, scale: number): () => number {
  const queue = new AdmissionQueue(buildTables(admissionQueue({ runs, tenants: TENANTS, seed: 1 })));
  const batches = Math.max(1, Math.round(BATCHES * scale));
  return () => {
    let seconds = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      queue.reset();
      const active = new ActiveRuns(queue.tables);
      settle(queue, active);
      endAndDecide(queue, active, WARMING);
      seconds += secondsOf(() => endAndDecide(queue, active, DECISIONS));
    }
    return (seconds * 1e6) / (batches * DECISIONS);
  };
}

function settle(queue: AdmissionQueue, active: ActiveRuns): void {
  for (let run = queue.next(); run >= 0; run = queue.next()) active.add(run, queue.nowMs);
  queue.give(active);
}

function endAndDecide(queue: AdmissionQueue, active: ActiveRuns, times: number): void {
  let { nowMs } = queue;
  for (let i = 0; i < times; i += 1) {
    nowMs += STEP_MS;
    const ended = active.runs[0] ?? -1;
    active.remove(ended);
    queue.end(ended);
    queue.advance(nowMs);
    settle(queue, active);
  }
}

async function run({ rounds, scale }: Effort): Promise<readonly Line[]> {
  const { few, many } = await medians(rounds, {
    few: decisions(1_000, scale),
    many: decisions(100_000, scale),
  });
  const ratio = many / few;
  const plain = { unit: 'us', against: null, goal: null };
  return [
    { what: '1,000 waiting', value: few, ...plain },
    { what: '100,000 waiting', value: many, ...plain },
    { what: '100,000 waiting, of 1,000', value: ratio, unit: 'x', against: null, goal: atMost(1.5, ratio) },
  ];
}

export const decision: Section = {
  name: 'decision',
  title: 'one decision after a run has ended, many or few waiting in the same classes',
  run,
};
