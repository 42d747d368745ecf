/** What `policy validate` prints: a line for each problem, as compilers do, and a summary. */
import type { PolicyFile } from '../../documents/policy/policy-file.ts';
import type { PolicyProblem } from '../../documents/policy/report.ts';
import { paint } from './style.ts';

export function validationText(file: string, { policies, problems }: PolicyFile): string {
  return [
    ...problems.map((problem) => problemLine(file, problem)),
    summary(file, policies.length, problems),
  ].join('\n');
}

/** `policy.yml:12:7: error: schedules[0].type is missing; ...` */
export function problemLine(file: string, { place, severity, message }: PolicyProblem): string {
  const where = place === null ? file : `${file}:${place.line}:${place.column}`;
  return `${where}: ${paint(severity === 'error' ? 'bad' : 'warn', `${severity}:`)} ${message}`;
}

function summary(file: string, policies: number, problems: readonly PolicyProblem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const alsoWarned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (errors > 0) return paint('bad', `${file} is not valid: ${counted(errors, 'error')}${alsoWarned}.`);
  return paint(
    'good',
    `${file} is valid: ${policies === 1 ? '1 policy' : `${policies} policies`}${alsoWarned}.`,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
