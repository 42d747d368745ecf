/** What an assessment rests on, how sure that makes it, and what would make it surer: in words. */
import type { Evidence, SamplesAdvice } from '../../../core/assessment/evidence.ts';
import type { AssessmentQuestion } from '../../../core/assessment/question.ts';
import type { RangePart } from '../../../core/assessment/range-parts.ts';
import { count, counted, length } from './said.ts';

export interface ConfidenceContext {
  readonly guess: AssessmentQuestion['guess'];
  readonly guessFactor: number | null;
}

export function confidenceLines(evidence: Evidence, context: ConfidenceContext): readonly string[] {
  return [restsOn(evidence, context), whyWide(evidence), ...advice(evidence)];
}

function restsOn(evidence: Evidence, { guess, guessFactor }: ConfidenceContext): string {
  const { samples, testRuns, launches, imported, projectsSeen, projects, cancelled, ofOlderContent } =
    evidence;
  const guessed =
    guess === null
      ? ''
      : `a guess: ${length(guess.p50Ms)} typically, one in ten over ${length(guess.p90Ms)}${guessFactor === null ? '' : ` (${guessFactor} times that, as nothing else was said)`}`;
  if (samples === 0) {
    return guessed === ''
      ? 'It rests on nothing measured: durations are those of public CI histories.'
      : `It rests on ${guessed}. Nothing was measured.`;
  }
  const kinds = [
    [testRuns, 'test run'],
    [launches, 'earlier launch'],
    [imported, 'imported run'],
  ] as const;
  const named = kinds
    .filter(([number]) => number > 0)
    .map(([number, noun]) => counted(number, noun, plural(noun)));
  const beside = [
    ...(cancelled === 0 ? [] : [`${counted(cancelled, 'cancelled run')} left out`]),
    ...(ofOlderContent === 0 ? [] : [`${count(ofOlderContent)} of an older content`]),
    ...(guessed === '' ? [] : [`besides ${guessed}`]),
  ];
  const more = beside.length === 0 ? '' : ` (${beside.join('; ')})`;
  return `It rests on ${named.join(', ')} on ${count(projectsSeen)} of ${counted(projects, 'project')}${more}.`;
}

function plural(noun: string): string {
  return noun.endsWith('launch') ? `${noun}es` : `${noun}s`;
}

const WIDTHS: readonly { readonly below: number; readonly text: string }[] = [
  { below: Math.log(1.25), text: 'narrow' },
  { below: Math.log(2), text: 'moderate' },
  { below: Math.log(4), text: 'wide' },
  { below: Number.POSITIVE_INFINITY, text: 'very wide' },
];
/** From P10 to P90 of a normal, in standard deviations. */
const P10_TO_P90 = 2.563;

function whyWide({ range, projectsSeen, projects, samples }: Evidence): string {
  const factor = range.logDeviation * P10_TO_P90;
  const width = WIDTHS.find(({ below }) => factor < below)?.text ?? 'very wide';
  const [first, second] = range.parts;
  const times = Math.exp(factor);
  const said = times < 1.95 ? times.toFixed(1) : count(times);
  if (first === undefined || factor <= 0) return 'The total is exact.';
  const reasons: Readonly<Record<RangePart, string>> = {
    level:
      samples === 0
        ? 'nobody has measured how long this pipeline takes'
        : projectsSeen < projects
          ? `${projectsSeen === 0 ? 'no project in scope was' : `${count(projects - projectsSeen)} of the projects were never`} seen`
          : 'what it takes was measured too rarely',
    projects: 'projects differ from one another',
    runs: 'runs of one project differ from one another',
    platform: 'a whole platform has good and bad days',
  };
  const share = (part: number): string => `${Math.round(100 * part)} %`;
  const also =
    second !== undefined && second.share >= 0.2
      ? `, and because ${reasons[second.part]} (${share(second.share)})`
      : '';
  return `The range of the total is ${width} (its P90 is ${said} times its P10), mostly because ${reasons[first.part]} (${share(first.share)} of the variance)${also}.`;
}

function advice({ advice: options, samples }: Evidence): readonly string[] {
  const few = options.filter(({ samples: number }) => number <= 3);
  const best = few[0] ?? options[0];
  if (best === undefined) {
    return samples === 0 ? [] : ['More samples by hand would hardly narrow it; the next occurrence will.'];
  }
  const more = options.find((one) => one.samples > best.samples && one.rangeThen < best.rangeThen - 0.1);
  const useless =
    best.kind === 'other-projects' && !options.some(({ kind }) => kind === 'seen-projects') && samples > 0
      ? ' More of the projects seen already would hardly help.'
      : '';
  const then = more === undefined ? '' : `; ${count(more.samples)} ${makes(more)}`;
  return [`${adviceWords(best, samples)} ${makes(best)}${then}.${useless}`];
}

function adviceWords({ kind, samples, projects }: SamplesAdvice, before: number): string {
  const number = ['No', 'One', 'Two', 'Three'][samples] ?? count(samples);
  const more = before === 0 ? '' : ' more';
  const where =
    kind === 'seen-projects'
      ? 'of projects seen already'
      : before === 0
        ? 'on different projects'
        : 'on other projects';
  const named = projects.some((name) => /^project-\d+$/.test(name))
    ? ''
    : `, such as ${projects.join(', ')},`;
  return `${number}${more} ${samples === 1 ? 'sample' : 'samples'} ${where}${named}`;
}

function makes({ rangeThen }: SamplesAdvice): string {
  if (rangeThen <= 0.23) return 'would make it about a fifth as wide';
  if (rangeThen <= 0.3) return 'would make it about a quarter as wide';
  if (rangeThen <= 0.42) return 'would make it about a third as wide';
  if (rangeThen <= 0.6) return 'would about halve it';
  return `would narrow it by ${Math.round(100 * (1 - rangeThen))} %`;
}
