/** `penstock backtest queue` as a command: what it reads, what it answers, and how it refuses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQueueFile } from '../../src/cli/history/queue-file.ts';
import { openWorkplace, type Workplace } from './binary.ts';

/** One slot really; t1 10 s, t2 20 s, t3 5 s, and t2 was let in before t1 had ended. */
const CSV = `submit_s,start_s,end_s,procs,user,queue
0,0,10,1,ann,short
1,8,28,1,bob,short
2,40,45,1,ann,"long, quiet"
`;

const swf = (...fields: readonly number[]): string =>
  [...fields, ...Array(18 - fields.length).fill(-1)].join(' ');
/** The same as fields of SWF: id, submit, wait, run, used, ..., asked for, limit. */
const SWF = `; Version: 2.2
; MaxProcs: 1
${swf(1, 0, 0, 10, 1, -1, -1, 1, 60)}
${swf(2, 1, 7, 20, 1, -1, -1, 1, 60)}
${swf(3, 2, 38, 5, -1, -1, -1, 1)}
${swf(4, 3, -1, -1, 1)}
`;

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({
    'queue.csv': CSV,
    'queue.swf': SWF,
    'bad.csv': `${CSV}5,4,6,1,a,q\n5,6,5,1,a,q\n5,soon,7,1,a,q\n5,6,7,9,a,q\n5,6,7,0,a,q\n5,6\n`,
    'no-column.csv': 'submit_s,start_s\n1,2\n',
    'nothing.csv': '',
    'only-bad.csv': 'submit_s,start_s,end_s\n1,x,2\n',
  });
});

afterAll(() => place.dispose());

const options = { slots: 4, oneTenant: false };

describe('reading', () => {
  test('CSV', async () => {
    const { format, runs } = await readQueueFile(`${place.folder}/queue.csv`, options);
    expect(format).toBe('csv');
    expect(runs.map((run) => [run.heldSinceMs, run.startedAtMs, run.finishedAtMs, run.tenant])).toEqual([
      [0, 0, 10_000, 'ann'],
      [1_000, 8_000, 28_000, 'bob'],
      [2_000, 40_000, 45_000, 'ann'],
    ]);
    expect(runs[2]?.contentHash).toBe('long, quiet 1');
  });

  test('SWF, with its limits as timeouts, and what never started left out', async () => {
    const { format, runs, leftOut } = await readQueueFile(`${place.folder}/queue.swf`, options);
    expect(format).toBe('swf');
    expect(runs.map((run) => [run.heldSinceMs, run.startedAtMs, run.finishedAtMs, run.timeoutMs])).toEqual([
      [0, 0, 10_000, 60_000],
      [1_000, 8_000, 28_000, 60_000],
      [2_000, 40_000, 45_000, null],
    ]);
    expect(leftOut).toEqual({
      rows: 1,
      first: [{ line: 6, column: 'wait', reason: 'is not known: it never started' }],
    });
  });

  test('rows that cannot be replayed are left out, counted and named', async () => {
    const { runs, leftOut } = await readQueueFile(`${place.folder}/bad.csv`, options);
    expect(runs).toHaveLength(3);
    expect(leftOut.rows).toBe(6);
    expect(leftOut.first).toEqual([
      { line: 5, column: 'start_s', reason: 'is before submit_s' },
      { line: 6, column: 'end_s', reason: 'is before start_s' },
      { line: 7, column: 'start_s', reason: '"soon" is not a number' },
      { line: 8, column: 'procs', reason: '9 is more than the 4 slots' },
      { line: 9, column: 'procs', reason: '"0" is not a whole number from 1 to 1000000' },
    ]);
  });

  test.each([
    ['no-column.csv', 'line 1: there is no column "end_s"; needed are submit_s, start_s, end_s'],
    ['nothing.csv', 'it is empty'],
    ['only-bad.csv', 'no row can be used; line 2, column start_s: "x" is not a number'],
    ['absent.csv', 'there is no such file'],
  ])('%s is refused', async (file, message) => {
    await expect(readQueueFile(`${place.folder}/${file}`, options)).rejects.toThrow(message);
  });
});

describe('the command', () => {
  test('replays by hand: t2 when t1 has ended, t3 after it; the same for both formats', {
    timeout: 60_000,
  }, async () => {
    const ask = (file: string) => place.penstock('backtest', 'queue', file, '--slots', '1', '--json');
    const [csv, fromSwf] = await Promise.all([ask('queue.csv'), ask('queue.swf')]);
    expect(csv).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(csv.stdout);
    expect(report).toMatchObject({
      runs: 3,
      slots: 1,
      pools: [{ real: { peak: 2, overMs: 2_000 }, penstock: { peak: 1, overMs: 0 } }],
      allDoneAtMs: { real: 45_000, penstock: 35_000 },
      waits: { all: { real: { longestMs: 38_000 }, penstock: { longestMs: 28_000 } } },
    });
    expect(report.forecasts.nothingNew.starts.scored).toBe(2);
    expect(JSON.parse(fromSwf.stdout).waits.all).toEqual(report.waits.all);
  });

  test('says it in a table, and needs --slots', { timeout: 60_000 }, async () => {
    const [shown, refused] = await Promise.all([
      place.penstock('backtest', 'queue', 'queue.csv', '--slots', '1'),
      place.penstock('backtest', 'queue', 'queue.csv'),
    ]);
    expect(shown.stdout).toMatch(
      /^3 runs replayed behind 1 slot\.\nAt most 2 in use really, beyond the slots for 2 s; with Penstock 1\./,
    );
    expect(shown.stdout).toContain('start, nothing new arrives');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('--slots');
  });
});
