/**
 * `npm run bench`: speed and size against their goals, each beside a peer measured in the
 * same run where there is one. Ratios are what counts; absolute figures differ by machine.
 *
 *   npm run bench                        everything
 *   npm run bench -- fifo decision       some sections
 *   npm run bench -- --smoke             only whether it all works; figures mean nothing
 *
 * Each section is measured in a process of its own. `--load` is bench/start.js's: loads
 * everything and measures nothing. `--part` is this file's own: one section, whose exit status
 * tells how many goals it missed.
 *
 * Exit status 1 when a goal is not met, except with --smoke.
 */
import { spawnSync } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { FULL, type Section, SMOKE } from './harness/line.ts';
import { tableOf } from './harness/table.ts';
import { admission } from './sections/admission.ts';
import { assessment } from './sections/assessment.ts';
import { decision } from './sections/decision.ts';
import { durations } from './sections/durations.ts';
import { fifo } from './sections/fifo.ts';
import { forecast } from './sections/forecast.ts';
import { kubernetes } from './sections/kubernetes.ts';
import { memory } from './sections/memory.ts';
import { needs } from './sections/needs.ts';
import { startup } from './sections/startup.ts';

/** A part ends with this and the number of goals it missed; below is how a process ends that failed. */
const MEASURED = 100;

const SECTIONS: readonly Section[] = [
  fifo,
  admission,
  decision,
  durations,
  forecast,
  assessment,
  memory,
  needs,
  kubernetes,
  startup,
];

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean' }, load: { type: 'boolean' }, part: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !SECTIONS.some((section) => section.name === name));
if (unknown !== undefined) {
  const known = SECTIONS.map(({ name }) => name).join(', ');
  process.stderr.write(`There is no section "${unknown}"; there are ${known}.\n`);
  process.exit(1);
}
if (values.load) process.exit();

const effort = values.smoke ? SMOKE : FULL;
const chosen = SECTIONS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (!values.part) announce();

let missed = 0;
for (const section of chosen) {
  missed += chosen.length === 1 ? await measured(section) : measuredApart(section);
}
if (values.part) process.exit(MEASURED + missed);
if (missed > 0 && !values.smoke) {
  process.stdout.write(`${missed} ${missed === 1 ? 'goal was' : 'goals were'} not met.\n`);
  process.exitCode = 1;
}

/** Returns how many goals were not met. */
async function measured(section: Section): Promise<number> {
  const lines = await section.run(effort);
  process.stdout.write(`${tableOf(section, lines)}\n`);
  return lines.filter((line) => 'goal' in line && line.goal?.met === false).length;
}

/** In a process of its own: what one section taught the compiler, or left in memory, is nothing to the next. */
function measuredApart({ name }: Section): number {
  const smoke = values.smoke ? ['--smoke'] : [];
  const args = [...process.execArgv, import.meta.filename, '--part', ...smoke, name];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== null && status >= MEASURED) return status - MEASURED;
  process.stderr.write(`Section ${name} could not be measured to its end.\n`);
  process.exit(1);
}

function announce(): void {
  const [processor] = cpus();
  process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${processor?.model.trim()}; `);
  process.stdout.write(`medians of ${effort.rounds}${values.smoke ? ', smoke only' : ''}; `);
  const cached = getCompileCacheDir() === undefined ? 'types stripped by this process' : 'compiled before';
  process.stdout.write(`sources ${cached}\n\n`);
}
