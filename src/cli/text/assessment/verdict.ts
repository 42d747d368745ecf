/** The verdict in words: the answer first, then each thing that has to hold. */
import type { Assessment } from '../../../core/assessment/report.ts';
import type { Check, Verdict } from '../../../core/assessment/verdict.ts';
import type { Cell } from './blocks.ts';
import { count, dateAndTime, range, share, timeOfDay } from './said.ts';

export function answerCell({ answer }: Verdict): Cell {
  switch (answer) {
    case 'fits':
      return { text: 'fits', style: 'good' };
    case 'does-not-fit':
      return { text: 'does not fit', style: 'bad' };
    case 'too-little-evidence':
      return { text: 'too little evidence to say', style: 'warn' };
  }
}

const RESULTS: Readonly<Record<Check['result'], Cell>> = {
  met: { text: 'yes', style: 'good' },
  'not-met': { text: 'NO', style: 'bad' },
  open: { text: 'open', style: 'warn' },
};

export function checkRows(assessment: Assessment): readonly (readonly Cell[])[] {
  return assessment.verdict.checks.map((check) => [
    RESULTS[check.result],
    { text: wants(check, assessment) },
    { text: `${share(check.chance)} of futures` },
    { text: has(check, assessment) },
  ]);
}

function wants({ kind, limit }: Check, { policy, occurrence }: Assessment): string {
  switch (kind) {
    case 'all-start':
      return 'every pipeline starts';
    case 'before-next':
      return `done before the next occurrence, ${dateAndTime(policy.timeZone, limit).slice(0, 20)}`;
    case 'max-peak':
      return `at most ${count(limit)} pipelines wanted at once`;
    case 'finish-by':
      return `all done by ${timeOfDay(policy.timeZone, limit, occurrence.day)}`;
    case 'max-timeouts':
      return `at most ${share(limit)} time out`;
  }
}

function has({ kind, value }: Check, { policy, occurrence }: Assessment): string {
  if (value === null) return 'never';
  switch (kind) {
    case 'all-start':
      return value.p90 === 0 ? '' : `${range(value, count)} never start`;
    case 'before-next':
    case 'finish-by':
      return range(value, (ms) => timeOfDay(policy.timeZone, ms, occurrence.day));
    case 'max-peak':
      return range(value, count);
    case 'max-timeouts':
      return range(value, share);
  }
}
