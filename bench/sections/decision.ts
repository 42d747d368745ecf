/**
 * What one decision costs when many wait: a run ends, admission decides, on the incremental
 * structure that the controller and the forecast share. The same classes are there with a
 * thousand waiting runs and with a hundred thousand, so only the length of the queue differs.
 */
import { AdmissionQueue } from '../../src/core/admission/queue.ts';
import { buildTables } from '../../src/core/admission/tables.ts';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { admissionQueue } from '../workloads/admission.ts';

const TENANTS = 5;
const DECISIONS = 300;
/** Not measured: putting the queue back has filled the caches with other things. */
const WARMING = 100;
const BATCHES = 200;
const STEP_MS = 1_000;

/** Returns what measures microseconds a decision with that many waiting, refills left out. */
function decisions(runs: number, scale: number): () => number {
  const queue = new AdmissionQueue(buildTables(admissionQueue({ runs, tenants: TENANTS, seed: 1 })));
  const batches = Math.max(1, Math.round(BATCHES * scale));
  return () => {
    let seconds = 0;
    let ended = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      queue.reset();
      settle(queue);
      endAndDecide(queue, WARMING);
      seconds += secondsOf(() => endAndDecide(queue, DECISIONS));
      ended += DECISIONS;
    }
    return (seconds * 1e6) / ended;
  };
}

function settle(queue: AdmissionQueue): void {
  while (queue.next() >= 0);
  queue.give();
}

function endAndDecide(queue: AdmissionQueue, times: number): void {
  let { nowMs } = queue;
  for (let i = 0; i < times; i += 1) {
    nowMs += STEP_MS;
    queue.end(queue.runs[0] ?? -1);
    queue.advance(nowMs);
    settle(queue);
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
