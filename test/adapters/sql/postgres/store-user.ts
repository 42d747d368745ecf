/**
 * A process that uses the store in a PostgreSQL beside others:
 * `node store-user.ts SETTINGS open|ask|change|claim|record|tell ...`. It prints a line when it is
 * ready, begins when it is sent one, and prints a line for each thing that was acknowledged.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import { runId } from '../../../../src/core/model/run.ts';
import { aFinishedRun, aForecast } from '../../../conformance/store-builders.ts';
import { anOccurrence, keyOf, planned } from '../../../conformance/store-cases/launches.ts';
import { aRecord, saving } from '../../../conformance/store-cases/policies.ts';
import { asking, aTestRun } from '../../../conformance/store-cases/test-runs.ts';

const STDOUT = 1;
const RUNS_MAX = 2_000_000;

const [settings = '', what = '', ...args] = process.argv.slice(2);
const store = await openPostgresStore(JSON.parse(settings));
const input = createInterface({ input: process.stdin });
// Whoever started it is gone.
input.once('close', () => process.exit(0));

function say(line: string): void {
  writeSync(STDOUT, `${line}\n`);
}

async function told(): Promise<void> {
  say('ready');
  await once(input, 'line');
}

async function ask(name: string, count: number): Promise<void> {
  // The connections are there when it begins.
  await Promise.all(Array.from({ length: count }, () => store.ping()));
  await told();
  const asked = Array.from({ length: count }, async (_, n) => {
    const { kind } = await store.testRuns.accept(asking(aTestRun(`t-${name}-${n}`)));
    say(kind);
  });
  await Promise.all(asked);
}

async function change(name: string, count: number): Promise<void> {
  await told();
  for (let done = 0; done < count; ) {
    const { version } = await store.policies.state();
    const record = aRecord(`${name}-${done}`, version + 1);
    if (!(await store.policies.change(version, saving(record)))) continue;
    say(String(version + 1));
    done += 1;
  }
}

async function claim(name: string, count: number): Promise<void> {
  const projects = Array.from({ length: count }, (_, n) => `project-${n}`);
  await store.launches.savePlan(
    anOccurrence('d1'),
    projects.map((project) => planned(project, 10)),
  );
  await told();
  const claimed = projects.map(async (project) => {
    const to = { state: 'creating', reason: name } as const;
    const changed = await store.launches.change([{ key: keyOf(project), from: 'planned', to }]);
    if (changed === 1) say(project);
  });
  await Promise.all(claimed);
}

async function record(first: number, name: string): Promise<void> {
  for (let number = first; number < RUNS_MAX; number += 3) {
    const ids = [number, number + 1, number + 2].map((each) => `${name}-${each}`);
    await store.mark(ids.map((id) => ({ runId: runId(id), markedAtMs: number, deadlineMs: number })));
    await store.saveForecast(aForecast(`about-${ids[0]}`, ids));
    await store.recordFinished(
      ids.map((id) => aFinishedRun(id, { startedAtMs: number, finishedAtMs: number + 5 })),
    );
    say(ids.join('\n'));
  }
}

async function tell(): Promise<void> {
  say('ready');
  for await (const _ of input) {
    const { version } = await store.policies.state();
    await store.policies.change(version, saving(aRecord('told', version + 1)));
    await store.testRuns.accept(asking(aTestRun(`t-${version}`, { identity: `told-${version}` })));
  }
}

switch (what) {
  case 'open':
    say('open');
    break;
  case 'ask':
    await ask(args[0] ?? '', Number(args[1]));
    break;
  case 'change':
    await change(args[0] ?? '', Number(args[1]));
    break;
  case 'claim':
    await claim(args[0] ?? '', Number(args[1]));
    break;
  case 'record':
    await record(Number(args[0]), args[1] ?? '');
    break;
  case 'tell':
    await tell();
    break;
  default:
    throw new Error(`not known: ${what}`);
}
await store.close();
process.exit(0);
