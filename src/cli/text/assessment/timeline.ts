/** Load over time, drawn with characters: what runs, what waits behind it, hour by hour. */
import type { TimePoint } from '../../../core/assessment/bands.ts';
import type { Assessment } from '../../../core/assessment/report.ts';
import { count, timeOfDay } from './said.ts';

const ROWS = 12;
const WIDTH = 40;

export function timelineLines(assessment: Assessment): readonly string[] {
  const { timeline, policy, occurrence, limit } = assessment;
  const points = chosen(timeline);
  const isKnown = limit !== null;
  const most = Math.max(1, ...points.map((point) => point.running.p50 + point.waiting.p50));
  const cells = points.map((point) => ({
    time: timeOfDay(policy.timeZone, point.atMs, occurrence.day),
    wanted: count(point.wanted.p50),
    running: count(point.running.p50),
    waiting: count(point.waiting.p50),
    bar: bar(point, most),
  }));
  const titles = {
    time: '',
    wanted: 'WANTED',
    running: 'RUNNING',
    waiting: 'WAITING',
    bar: isKnown ? '█ running ░ waiting' : '█ running',
  };
  const columns = isKnown
    ? (['time', 'wanted', 'running', 'waiting', 'bar'] as const)
    : (['time', 'running', 'bar'] as const);
  const widths = columns.map((name) => Math.max(...[titles, ...cells].map((row) => row[name].length)));
  return [titles, ...cells].map((row) =>
    columns
      .map((name, place) => {
        const width = widths[place] as number;
        return name === 'time' || name === 'bar' ? row[name].padEnd(width) : row[name].padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Equally spaced, until most likely nothing runs any more. */
function chosen(timeline: readonly TimePoint[]): readonly TimePoint[] {
  const isBusy = ({ running, waiting }: TimePoint): boolean => running.p50 + waiting.p50 > 0;
  const shown = timeline.slice(0, timeline.findLastIndex(isBusy) + 2);
  const step = Math.max(1, Math.ceil((shown.length - 1) / ROWS));
  return shown.filter((_, place) => place % step === 0 || place === shown.length - 1);
}

function bar({ running, waiting }: TimePoint, most: number): string {
  const ran = Math.round((WIDTH * running.p50) / most);
  const both = Math.round((WIDTH * (running.p50 + waiting.p50)) / most);
  return '█'.repeat(ran) + '░'.repeat(Math.max(0, both - ran));
}
