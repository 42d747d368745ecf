/** What people read: times, tables, and the forms in which they write numbers. */
import { describe, expect, test } from 'vitest';
import { durationMs, pair, request } from '../../src/cli/options.ts';
import { type Column, table } from '../../src/cli/text/table.ts';
import { countRange, fromNow, span } from '../../src/cli/text/when.ts';

describe('times', () => {
  test.each([
    [430, '0.4 s'],
    [12_300, '12 s'],
    [200_000, '3 min 20 s'],
    [720_000, '12 min'],
    [7_500_000, '2 h 5 min'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
    [3_599_900, '60 min'],
  ])('%d ms is %s', (ms, want) => {
    expect(span(ms)).toBe(want);
  });

  test('what is near is now, what is past is ago', () => {
    expect(fromNow(1_000_000, 1_000_300)).toBe('now');
    expect(fromNow(1_000_000, 1_720_000)).toBe('in 12 min');
    expect(fromNow(1_720_000, 1_000_000)).toBe('12 min ago');
  });

  test('a count that is certain is one number', () => {
    expect(countRange({ p10: 20, p50: 20, p90: 20 })).toBe('20');
    expect(countRange({ p10: 250, p50: 262, p90: 271 })).toBe('262 (250 to 271)');
  });
});

describe('tables', () => {
  interface Row {
    readonly id: string;
    readonly note: string;
  }
  const columns: readonly Column<Row>[] = [
    { title: 'RUN', text: (row) => row.id },
    { title: 'NOTE', text: (row) => row.note, yieldsTo: 6 },
    { title: 'END', text: () => 'last' },
  ];
  const rows = [{ id: 'build-k3v9wz-017', note: 'linux/s390x: 0 of 8 free' }];
  const plain = (_style: string, text: string) => text;

  test('on a narrow terminal notes are shortened, ids never', () => {
    const lines = table(columns, rows, { width: 32, paint: plain }).split('\n');
    expect(lines).toEqual(['RUN               NOTE      END', 'build-k3v9wz-017  linux/s…  last']);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(32);
  });

  test('without a terminal nothing is shortened', () => {
    expect(table(columns, rows, { width: null, paint: plain })).toContain('linux/s390x: 0 of 8 free');
  });
});

describe('options', () => {
  test.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
  ])('%s is %d ms', (text, want) => {
    expect(durationMs(text)).toBe(want);
  });

  test.each(['', '5', 'm5', '5m later', '0s', '-1s'])('"%s" is no time', (text) => {
    expect(() => durationMs(text)).toThrow('It must be a length of time such as');
  });

  test('a pool name may hold anything before the last "="', () => {
    expect(request('linux/arm64=2', { runs: 1 })).toEqual({ runs: 1, 'linux/arm64': 2 });
    expect(() => request('linux/arm64=0')).toThrow('pool=units');
    expect(() => request('linux/arm64')).toThrow('pool=units');
    expect(() => request('runs=1', { runs: 1 })).toThrow('given twice');
  });

  test('the value of a parameter may hold "="', () => {
    expect(pair('query=a=b')).toEqual({ query: 'a=b' });
    expect(() => pair('=b')).toThrow('name=value');
  });
});
