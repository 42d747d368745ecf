/** What would be different, and what to do: each figure with how far it moves and how sure that is. */
import type { QuietStart } from '../../../core/assessment/quiet-start.ts';
import type { Recommendation } from '../../../core/assessment/recommend.ts';
import type { Assessment } from '../../../core/assessment/report.ts';
import type { Compared, Comparison } from '../../../core/assessment/what-if.ts';
import { timeText } from '../../../core/schedule/calendar.ts';
import type { Block, Cell } from './blocks.ts';
import { count, counted, length, range, timeOfDay } from './said.ts';

export function comparedBlocks(assessment: Assessment): readonly Block[] {
  const { whatIf, against } = assessment;
  const titles = (first: string): readonly string[] => [first, '', 'LIKELY', 'DIFFERENCE', 'P10 TO P90'];
  const block = (title: string, first: string, comparisons: readonly Comparison[]): readonly Block[] =>
    comparisons.length === 0
      ? []
      : [
          { kind: 'heading', text: title },
          {
            kind: 'table',
            titles: titles(first),
            right: [2],
            rows: comparisons.flatMap((one) => comparisonRows(one, assessment)),
          },
        ];
  return [
    ...block('What if', 'WHAT IF', whatIf),
    ...(against === null
      ? []
      : block(`Beside ${against.label}`, 'NOW', [{ ...against, label: 'as it is now' }])),
  ];
}

function comparisonRows(
  comparison: Comparison,
  { policy, occurrence }: Assessment,
): readonly (readonly Cell[])[] {
  const { label, finishAtMs, peakWanted, peakWaiting, waitP90Ms, totalMs, timeouts, neverStarted } =
    comparison;
  const at = (ms: number): string => timeOfDay(policy.timeZone, ms, occurrence.day);
  const rows: (readonly Cell[])[] = [
    endRow(finishAtMs, at),
    row('wanted at once', peakWanted, { said: count, moved: count, words: MORE }),
    row('waiting at once', peakWaiting, { said: count, moved: count, words: MORE }),
    row('wait of one in ten', waitP90Ms, { said: length, moved: length, words: LONGER }),
    row('total execution time', totalMs, { said: length, moved: length, words: MORE }),
  ];
  if (timeouts !== null) rows.push(row('time out', timeouts, { said: count, moved: count, words: MORE }));
  if (neverStarted.value.p90 > 0 || neverStarted.difference.p10 < 0) {
    rows.push(row('never started', neverStarted, { said: count, moved: count, words: MORE }));
  }
  // A row that says "the same" says nothing; the first one stays, so that there is one.
  return rows
    .filter(([, , , ends], place) => place === 0 || ends?.text !== 'the same')
    .map((cells, place) => [{ text: place === 0 ? label : '' }, ...cells]);
}

interface How {
  readonly said: (value: number) => string;
  readonly moved: (value: number) => string;
  readonly words: readonly [more: string, less: string];
}

const LATER = ['later', 'sooner'] as const;
const MORE = ['more', 'less'] as const;
const LONGER = ['longer', 'shorter'] as const;

function endRow({ value, difference }: Comparison['finishAtMs'], said: How['said']): readonly Cell[] {
  if (value !== null && difference !== null) {
    return row('all done', { value, difference }, { said, moved: length, words: LATER });
  }
  return [
    { text: 'all done' },
    { text: value === null ? 'never' : said(value.p50) },
    { text: difference === null && value !== null ? 'instead of never' : '' },
    { text: '' },
  ];
}

function row(title: string, { value, difference }: Compared, { said, moved, words }: How): readonly Cell[] {
  const by = (ms: number): string => {
    const size = moved(Math.abs(ms));
    return size === '0' ? 'the same' : `${size} ${ms > 0 ? words[0] : words[1]}`;
  };
  return [
    { text: title },
    { text: said(value.p50) },
    { text: by(difference.p50) },
    { text: range(difference, by) },
  ];
}

export function recommendationBlocks(assessment: Assessment): readonly Block[] {
  const { recommendations, quietStart } = assessment;
  const items = [
    ...recommendations.map((one) => recommendationText(one, assessment)),
    ...(quietStart === null ? [] : [quietStartText(quietStart)]),
  ];
  if (items.length === 0) return [];
  return [
    { kind: 'heading', text: 'So do this' },
    { kind: 'list', items },
  ];
}

function recommendationText(one: Recommendation, { policy, occurrence, evidence }: Assessment): string {
  const at = (ms: number): string => timeOfDay(policy.timeZone, ms, occurrence.day);
  const isWindow = one.kind === 'window';
  const thing = (value: number): string =>
    isWindow ? `a window of ${length(value)}` : `${count(value)} in the pool ${one.pool}`;
  const aim = isWindow
    ? `at most ${counted(one.limit, 'pipeline')} wanted at once`
    : `all done by ${at(one.limit)}`;
  if (one.value === null && one.likely === null) {
    return isWindow
      ? `No window is long enough for ${aim}.`
      : `No capacity is enough for ${aim}: even with room for all at once it takes longer. Start earlier, or shorten the window.`;
  }
  const now = isWindow ? length(one.now) : count(one.now);
  if (!one.isConclusive) {
    const low =
      one.likely === null
        ? ''
        : `In half of the futures ${thing(one.likely)} would do for ${aim}, in nine of ten `;
    const high =
      one.value === null ? 'nothing would' : `it takes ${isWindow ? length(one.value) : count(one.value)}`;
    return `Inconclusive: too few samples. ${low}${high} (now ${now}). ${help(evidence)}`;
  }
  if (one.value === null)
    return `Nothing is enough in nine of ten futures for ${aim}, as single pipelines may take too long, which a timeout would end; ${thing(one.likely ?? 0)} would do in half of them.`;
  const likely =
    one.likely !== null && one.likely !== one.value
      ? `, in half of them ${isWindow ? length(one.likely) : count(one.likely)}`
      : '';
  return `${thing(one.value).replace(/^a/, 'A')} for ${aim} in nine of ten futures${likely} (now ${now}).`;
}

function quietStartText(quiet: QuietStart): string {
  const { weekday, startMinute, slots, nowSlots, isNow, historyDays, policies, isConclusive } = quiet;
  const plans = policies === 0 ? [] : [`the plans of ${counted(policies, 'other policy', 'other policies')}`];
  const seen = historyDays === 0 ? [] : [`what ran in ${counted(historyDays, 'day')}`];
  const by = [...seen, ...plans].join(' and ');
  const taken = (some: number): string => counted(Math.round(some), 'slot');
  const start = `${weekday === null ? '' : `${weekday}, `}${timeText(startMinute)}`;
  const said = isNow
    ? `By ${by} no start is much quieter than ${start}: others take ${taken(nowSlots)} then, on average until all is done.`
    : `By ${by} the quietest start is ${start}: others take ${taken(slots)} then, on average until all is done (now ${taken(nowSlots)}).`;
  if (isConclusive) return said;
  const lacks = historyDays === 0 ? 'what else runs was not seen' : 'that is less than two weeks';
  return `Inconclusive, as ${lacks}. ${said}`;
}

function help({ advice }: Assessment['evidence']): string {
  const [best] = advice;
  if (best === undefined) return '';
  const where = best.kind === 'other-projects' ? 'other projects' : 'projects seen already';
  const named = best.projects.filter((name) => !/^project-\d+$/.test(name));
  return `What would help most: ${counted(best.samples, 'sample')} on ${where}${named.length === 0 ? '' : `, such as ${named.join(', ')}`}.`;
}
