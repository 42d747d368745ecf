/** Broken entries of host-config are told when they change. */
import { expect, test } from 'vitest';
import { ProblemLog } from '../../../../src/adapters/tekton/host-config/problem-log.ts';
import { keptLog } from '../../../support/log-lines.ts';

test('one line for each change, whoever looks how often', () => {
  const { log, lines } = keptLog();
  const problems = new ProblemLog(log);
  const seen: number[] = [];
  for (const now of [[], ['a is wrong'], ['a is wrong'], ['a is wrong', 'b is wrong'], [], []]) {
    problems.look(now);
    seen.push(problems.figures()[0]?.value ?? Number.NaN);
  }
  expect(lines.map(({ level, fields }) => [level, fields.problems])).toEqual([
    ['warn', ['a is wrong']],
    ['warn', ['a is wrong', 'b is wrong']],
    ['info', undefined],
  ]);
  expect(seen).toEqual([0, 1, 1, 2, 0, 0]);
});
