/**
 * A full assessment of a policy on 1,000 projects as its author asks for it: by the API of a
 * server, with a verdict, both recommendations and a what-if, over 20 imported runs.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { median } from '../harness/median.ts';
import { type Served, served } from '../harness/serve.ts';

const PROJECTS = 1_000;
const TENANTS = 20;
const RUNNERS = 40;
const ASKED = 20;
const DOCUMENT = `pipeline_execution_schedule_policy:
  - name: Scan
    enabled: false
    content: { include: [{ project: example/policies, file: scan.yml }] }
    schedules: [{ type: daily, start_time: "01:15", time_window: { value: 7200, distribution: random } }]
`;

function question(projects: number): string {
  const imported = Array.from({ length: 20 }, (_, nth) => `group/project-${nth % 10},${200 + 13 * nth}`);
  return JSON.stringify({
    document: DOCUMENT,
    projects: Array.from({ length: projects }, (_, nth) => ({
      name: `group/project-${nth}`,
      tenant: `tenant-${nth % TENANTS}`,
    })),
    pools: { runs: RUNNERS },
    history: ['project,duration_s', ...imported, ''].join('\n'),
    timeoutMs: 3_600_000,
    maxPeak: RUNNERS,
    finishBy: '06:00',
    maxTimeouts: 0.01,
    whatIf: [{ label: 'more', changes: [{ kind: 'pool', pool: 'runs', size: 2 * RUNNERS }] }],
  });
}

/** Seconds until the first byte came, and until the last. */
async function asked({ socketPath }: Served, body: string): Promise<{ first: number; last: number }> {
  const beganAtMs = performance.now();
  const since = (): number => (performance.now() - beganAtMs) / 1000;
  const sent = request({
    socketPath,
    path: '/v1/assessments',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const first = since();
  for await (const _ of answer);
  if (answer.statusCode !== 200) throw new Error(`the assessment was answered with ${answer.statusCode}`);
  return { first, last: since() };
}

async function run({ rounds, scale }: Effort): Promise<readonly Line[]> {
  const projects = Math.max(10, Math.round(PROJECTS * scale));
  const body = question(projects);
  const serve = await served();
  try {
    const cold = await asked(serve, body);
    const taken: { first: number; last: number }[] = [];
    for (let nth = 0; nth < (rounds === 1 ? 1 : ASKED); nth += 1) taken.push(await asked(serve, body));
    const first = median(taken.map((one) => one.first));
    const last = taken.map((one) => one.last).toSorted((a, b) => a - b);
    const p95 = last[Math.ceil(0.95 * last.length) - 1] as number;
    const plain = { unit: 's', against: null };
    return [
      { what: `${projects} projects, the first time`, value: cold.last, ...plain, goal: null },
      { what: '  then, to the first byte (median)', value: first, ...plain, goal: atMost(1, first, ' s') },
      { what: '  to the last byte (P95)', value: p95, ...plain, goal: atMost(3, p95, ' s') },
    ];
  } finally {
    await serve.end();
  }
}

export const assessment: Section = {
  name: 'assessment',
  title: 'an assessment by the API, on two worker threads',
  run,
};
