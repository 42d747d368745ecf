/**
 * `npm run bench`: speed and size against their goals, each beside a peer measured in the
 * same run where there is one. Ratios are what counts; absolute figures differ by machine.
 *
 *   npm run bench                        everything
 *   npm run bench -- fifo decision       some sections
 *   npm run bench -- --smoke             only whether it all works; figures mean nothing
 *
 * `--load` is bench/start.js's: loads everything and measures nothing.
 *
 * Exit status 1 when a goal is not met, except with --smoke.
 */
import { getCompileCacheDir } from 'node:module';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { FULL, type Section, SMOKE } from './harness/line.ts';
import { tableOf } from './harness/table.ts';
import { admission } from './sections/admission.ts';
import { decision } from './sections/decision.ts';
import { durations } from './sections/durations.ts';
import { fifo } from './sections/fifo.ts';
import { forecast } from './sections/forecast.ts';
import { kubernetes } from './sections/kubernetes.ts';
import { memory } from './sections/memory.ts';
import { needs } from './sections/needs.ts';
import { startup } from './sections/startup.ts';

const SECTIONS: readonly Section[] = [
  fifo,
  admission,
  decision,
  durations,
  forecast,
  memory,
  needs,
  kubernetes,
  startup,
];

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean' }, load: { type: 'boolean' } },
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
const [processor] = cpus();
process.stdout.write(`Node ${process.version}, ${cpus().length} cores, ${processor?.model.trim()}; `);
process.stdout.write(`medians of ${effort.rounds}${values.smoke ? ', smoke only' : ''}; `);
const cached = getCompileCacheDir() === undefined ? 'types stripped by this process' : 'compiled before';
process.stdout.write(`sources ${cached}\n\n`);

let missed = 0;
for (const section of chosen) {
  const lines = await section.run(effort);
  missed += lines.filter((line) => 'goal' in line && line.goal?.met === false).length;
  process.stdout.write(`${tableOf(section, lines)}\n`);
}
if (missed > 0 && !values.smoke) {
  process.stdout.write(`${missed} ${missed === 1 ? 'goal was' : 'goals were'} not met.\n`);
  process.exitCode = 1;
}
