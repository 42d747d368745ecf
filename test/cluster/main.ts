/**
 * `npm run cluster:up`, `cluster:down` and `cluster:status`: a Kubernetes cluster with
 * Tekton, as processes of this machine. README.md beside this file says what is in it.
 */
import { parseArgs } from 'node:util';
import { down } from './processes/down.ts';
import { layoutOfEnvironment } from './processes/layout.ts';
import { missingProcesses, readState, type Tier } from './processes/state.ts';
import { up } from './processes/up.ts';

const TIERS: Readonly<Record<string, Tier>> = { 1: 1, 2: 2, 3: 3 };

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function bringUp(tierText: string): Promise<void> {
  const tier = TIERS[tierText];
  if (tier === undefined) throw new Error(`--tier is "${tierText}"; it must be 1, 2 or 3`);
  const beganMs = Date.now();
  const { state, wasRunning } = await up({ layout: layoutOfEnvironment(), tier, say });
  const how = wasRunning ? 'runs already' : `is up after ${((Date.now() - beganMs) / 1000).toFixed(1)} s`;
  say(`cluster ${state.slot} (tier ${state.tier}) ${how}`);
  say(`export KUBECONFIG=${state.kubeconfig}`);
}

async function bringDown(): Promise<void> {
  const layout = layoutOfEnvironment();
  const ended = await down(layout);
  say(
    ended === null
      ? `cluster ${layout.slot} does not run`
      : `cluster ${layout.slot}: ${ended} processes ended`,
  );
}

function status(): void {
  const layout = layoutOfEnvironment();
  const state = readState(layout);
  if (state === null) {
    say(`cluster ${layout.slot} does not run`);
    return;
  }
  const missing = missingProcesses(state);
  for (const { name, pid, log } of state.processes) {
    say(`${missing.includes(name) ? 'ENDED' : 'runs '} ${name.padEnd(24)} pid ${pid}  ${log}`);
  }
  say(`KUBECONFIG=${state.kubeconfig}`);
}

const { values, positionals } = parseArgs({
  options: { tier: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const [command = ''] = positionals;
try {
  if (command === 'up') await bringUp(values.tier);
  else if (command === 'down') await bringDown();
  else if (command === 'status') status();
  else throw new Error(`"${command}" is no command; there are up, down and status`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
