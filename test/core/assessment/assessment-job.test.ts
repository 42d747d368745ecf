/** The two parts of the job are together the very assessment. */
import { expect, test } from 'vitest';
import { assess } from '../../../src/core/assessment/assess.ts';
import {
  type AssessmentPart,
  assessmentJob,
  assessmentRows,
  wholeOf,
} from '../../../src/core/assessment/assessment-job.ts';
import type { AssessmentQuestion } from '../../../src/core/assessment/question.ts';
import { finished } from '../../../src/core/assessment/steps.ts';
import { aQuestion, aSample, HOUR_MS, MINUTE_MS } from './questions.ts';

function inParts(question: AssessmentQuestion) {
  const head = { question: { ...question, targets: [], samples: [] }, scenarios: [] };
  const rows = [...assessmentRows(question)];
  const part = (name: AssessmentPart) => finished(assessmentJob.prepare(head, rows)(name));
  return wholeOf([part('recommendations'), part('report')]);
}

const samples = Array.from({ length: 20 }, (_, nth) => aSample(`p${nth}`, 6 * MINUTE_MS + 9_000 * nth));
const base = aQuestion({ samples, guess: null, runners: 2 });
const criteria = {
  maxPeak: 3,
  finishByMs: base.occurrence.startsAtMs + 3 * HOUR_MS,
  maxTimeouts: null,
};

test.each([
  ['with recommendations', { ...base, criteria }],
  ['with fewer replications than they look at', { ...base, criteria, replications: 30 }],
  ['with none', base],
])('%s', (_, question) => {
  const whole = finished(assess(question));
  expect(inParts(question)).toEqual(whole);
  expect(whole.recommendations).toHaveLength(question.criteria.maxPeak === null ? 0 : 2);
});
