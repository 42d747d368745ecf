/** A queue's back-test in tables: waits as they were and with Penstock, and how good its forecasts were. */
import { units as count } from '../../app/queries/say-when.ts';
import { leftOutText } from '../../documents/table/rows.ts';
import type { QueueBacktest } from '../history/queue-backtest.ts';
import type { QueueFile } from '../history/queue-file.ts';
import { scoreRows, scoreTable, waitTable } from './waits.ts';
import { span } from './when.ts';

type Report = Omit<QueueFile, 'runs'> & QueueBacktest & { readonly slots: number; readonly moments: number };

const TENANTS_SHOWN = 10;

export function queueBacktestText(report: Report): string {
  const { waits, forecasts, slots, runs, leftOut } = report;
  const first = leftOut.first.map((one) => `  ${leftOutText(one)}`);
  const rows = [
    ...(waits.all === null ? [] : [{ title: 'all', row: waits.all }]),
    ...(waits.tenants.length < 2
      ? []
      : waits.tenants.slice(0, TENANTS_SHOWN).map((row) => ({ title: `user ${row.name}`, row }))),
  ];
  const forecast = [...scoreRows('start', forecasts), ...scoreRows('finish', forecasts)];
  return [
    [
      `${count(runs, 'run')} replayed behind ${count(slots, 'slot')}.`,
      ...(leftOut.rows === 0 ? [] : [`${count(leftOut.rows, 'row')} left out:`, ...first]),
      ...poolLine(report),
    ].join('\n'),
    waitTable(rows),
    forecast.every(({ scores }) => scores === null)
      ? 'Nothing ever waited, so there is no start to forecast.'
      : [
          'Each run forecast once, while it waits; of 100, 90 should be within P90 and 80 from P10 to P90.',
          scoreTable(forecast),
        ].join('\n'),
  ].join('\n\n');
}

function poolLine({ pools }: Report): readonly string[] {
  const [pool] = pools;
  if (pool === undefined) return [];
  const over = pool.real.overMs > 0 ? `, beyond the slots for ${span(pool.real.overMs)}` : '';
  return [`At most ${pool.real.peak} in use really${over}; with Penstock ${pool.penstock.peak}.`];
}
