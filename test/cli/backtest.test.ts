/** The back-test commands on small files: what they write, print, leave out and refuse. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

const HEADER = 'workflow,seq,duration_s';
const SMALL = `${HEADER}\nw1,1,10\nw1,2,20\nw2,1,600\nw2,2,660\nw1,3,30\n`;
const FILES = {
  'small.csv': SMALL,
  // The same runs in another order, with another column, quotes, a byte order mark and carriage returns.
  'shuffled.csv': `\uFEFFseq,branch,workflow,duration_s\r\n3,"a,b",w1,30\r\n1,x,"w1",10\r\n1,x,w2,600\r\n2,x,w2,660\r\n2,x,w1,20\r\n`,
  'bad.csv': `${HEADER}\nw1,1,10\nw1,2,-5\nw1,2,NaN\nw1,2,abc\nw1,2,1e99\n\nw1,2.5,7\nw1,1,11\n,3,4\nw1,2\nw1,2,0\nw1,3,0.25\n`,
  'no-column.csv': 'workflow,seq,seconds\nw1,1,10\n',
  'nothing.csv': '',
  'only-bad.csv': `${HEADER}\nw1,1,soon\n`,
  'long.csv': `${HEADER}\n${'x'.repeat(300_000)},1,1\n`,
};

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace(FILES);
});
afterAll(() => place.dispose());

describe('durations', () => {
  test('forecasts go into the file, scores to stdout, as one JSON document', async () => {
    const end = await place.penstock(
      'backtest',
      'durations',
      'small.csv',
      '--json',
      '--predictions',
      'out.csv',
    );
    expect(end).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(end.stdout);
    expect(report).toMatchObject({ file: 'small.csv', workflows: 2, runs: 5, zeros: 0 });
    expect(report.leftOut).toEqual({ rows: 0, first: [] });
    const [none, one, two] = report.rows;
    expect(none).toMatchObject({
      earlierSamples: '0',
      penstock: { forecasts: 2 },
      baselines: { lastTwo: null },
    });
    // ln(20 / 10) and ln(660 / 600), a half of each on the mean; ln(30 / 15).
    expect(one.baselines.lastTwo.logPinball).toBeCloseTo((Math.log(2) + Math.log(1.1)) / 4, 12);
    expect(two.baselines.lastTwo.logPinball).toBeCloseTo(Math.log(2) / 2, 12);

    const [header, ...rows] = (await readFile(join(place.folder, 'out.csv'), 'utf8')).trimEnd().split('\n');
    expect(header).toBe('id,n_history,actual_s,q05,q10,q25,q50,q75,q90,q95');
    expect(rows.map((row) => row.split(',').slice(0, 3).join(' '))).toEqual([
      'w1:1 0 10',
      'w2:1 0 600',
      'w1:2 1 20',
      'w2:2 1 660',
      'w1:3 2 30',
    ]);
    for (const row of rows) {
      const quantiles = row.split(',').slice(3).map(Number);
      expect(quantiles).toHaveLength(7);
      expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
    }
    // Every score is that of the row in the file: the third row alone has two earlier runs.
    const levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
    const pinball = (rows[4] ?? '')
      .split(',')
      .slice(3)
      .map((text, place) => {
        const off = Math.log(30 / Number(text));
        return Math.max((levels[place] as number) * off, ((levels[place] as number) - 1) * off);
      });
    expect(two.penstock.logPinball).toBeCloseTo(pinball.reduce((sum, one) => sum + one, 0) / 7, 4);
  });

  test('order of rows, other columns and line ends change nothing', async () => {
    const rows = async (file: string) =>
      JSON.parse((await place.penstock('backtest', 'durations', file, '--json')).stdout).rows;
    expect(await rows('shuffled.csv')).toEqual(await rows('small.csv'));
  });

  test('rows that are no duration are left out, counted and named', async () => {
    const end = await place.penstock('backtest', 'durations', 'bad.csv', '--json');
    const report = JSON.parse(end.stdout);
    expect(report).toMatchObject({ runs: 3, zeros: 1, leftOut: { rows: 8 } });
    expect(report.leftOut.first).toEqual([
      { line: 3, column: 'duration_s', reason: '-5 is below 0' },
      { line: 4, column: 'duration_s', reason: '"NaN" is not a number' },
      { line: 5, column: 'duration_s', reason: '"abc" is not a number' },
      { line: 6, column: 'duration_s', reason: '1e99 is more than a hundred years' },
      { line: 8, column: 'seq', reason: '"2.5" is not a whole number from 0 on' },
    ]);
    const text = (await place.penstock('backtest', 'durations', 'bad.csv')).stdout;
    expect(text).toContain('8 rows left out:\n  line 3, column duration_s: -5 is below 0\n');
    expect(text).toContain('1 run of 0 seconds counted as 1 second.');
  });

  test.concurrent.each([
    ['no-column.csv', 'line 1: there is no column "duration_s"'],
    ['nothing.csv', 'it is empty'],
    ['only-bad.csv', 'no row can be used; line 2, column duration_s: "soon" is not a number'],
    ['long.csv', 'a line is longer than'],
    ['absent.csv', 'there is no such file'],
    ['.', 'it is a folder'],
  ])('%s is refused in one line', async (file, want) => {
    const end = await place.penstock('backtest', 'durations', file);
    expect(end).toMatchObject({ status: 1, stdout: '' });
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(end.stderr).toMatch(/^penstock: /);
    expect(end.stderr).toContain(want);
  });

  test('predictions that cannot be written are an error, in one line', async () => {
    const end = await place.penstock(
      'backtest',
      'durations',
      'small.csv',
      '--predictions',
      'no/such/out.csv',
    );
    expect(end).toMatchObject({ status: 1, stdout: '' });
    expect(end.stderr).toBe('penstock: no/such/out.csv: cannot be written, ENOENT.\n');
  });
});

test('makespan: batches of a generated history, the same for the same seed', {
  timeout: 60_000,
}, async () => {
  const history = await place.penstock('backtest', 'example', '--workflows', '60');
  await place.write('example.csv', history.stdout);
  const small = ['--batch', '30', '--slots', '4', '--batches', '5', '--replications', '20', '--json'];
  const run = () => place.penstock('backtest', 'makespan', 'example.csv', ...small);
  const [first, second] = await Promise.all([run(), run()]);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(second.stdout).toBe(first.stdout);
  const { rows } = JSON.parse(first.stdout);
  expect(rows.map((row: { earlierRuns: string; runs: number }) => [row.earlierRuns, row.runs])).toEqual(
    ['1', '2-4', '5-9', '10-19', '20+'].map((name) => [name, 30]),
  );
});
