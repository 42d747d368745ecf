/** What `penstock assess` is told, and the forms in which people write it. */
import { InvalidArgumentError } from 'commander';
import type { Scenario } from '../../core/assessment/what-if.ts';
import type { CommonOptions } from '../options.ts';

export type AssessOptions = CommonOptions & {
  readonly policy?: string;
  readonly projects?: string;
  readonly branches?: number;
  readonly runners?: number;
  readonly pool?: Readonly<Record<string, number>>;
  readonly history?: readonly string[];
  readonly duration?: number;
  readonly durationP90?: number;
  readonly timeout?: number;
  readonly occurrence: number;
  readonly from?: number;
  readonly maxPeak?: number;
  readonly finishBy?: string;
  readonly maxTimeouts?: number;
  readonly replications: number;
  readonly seed: number;
  readonly markdown?: boolean;
  readonly whatIf?: readonly Scenario[];
  readonly against?: string;
};

/** Collects repeated `pool=units` options; 0 is a size, too. */
export function poolSize(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const at = text.lastIndexOf('=');
  const size = text.slice(at + 1);
  if (at <= 0 || !/^\d{1,6}$/.test(size)) {
    throw new InvalidArgumentError('It must be written pool=size, with a size from 0 to 999999.');
  }
  return { ...before, [text.slice(0, at)]: Number(size) };
}

export function percentage(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)\s?%$/.exec(text);
  const share = match === null ? Number.NaN : Number(match[1]) / 100;
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It must be a percentage from 0% to 100%, such as 1%.');
}

/** A time of day in the policy's zone, or a moment with its offset. */
export function timeOrMoment(text: string): string {
  const isTime = /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  if (isTime || (/T\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(text) && Number.isFinite(Date.parse(text))))
    return text;
  throw new InvalidArgumentError(
    'It must be a time such as 06:00, or a date and time with its offset such as 2026-03-01T06:00:00Z.',
  );
}

export function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
