/** A policy in words: what it executes, on which days, over which window, for which projects. */
import type { Policy } from '../../core/policy/model.ts';
import type { GitlabScope, IdFilter, Selector, SelectorScope } from '../../core/policy/scope.ts';
import { dateText, timeText, weekdayOf } from '../../core/schedule/calendar.ts';
import type { Recurrence } from '../../core/schedule/schedule.ts';
import { readingAt } from '../../core/schedule/time-zone.ts';
import { span } from './when.ts';

export function contentWords({ content }: Policy): string {
  switch (content.kind) {
    case 'gitlab-include':
      return `${content.file} of ${content.project}${content.ref === null ? '' : ` at ${content.ref}`}`;
    case 'pipeline-file':
      return content.path;
    case 'pipeline-reference':
      return `the Pipeline ${content.name}`;
    case 'pipeline-inline':
      return 'the Pipeline in the policy';
  }
}

export function scheduleWords({ schedule }: Policy): string {
  return `${recurrenceWords(schedule.recurrence)} at ${timeText(schedule.startMinute)}, ${schedule.timeZone}`;
}

function recurrenceWords(recurrence: Recurrence): string {
  switch (recurrence.kind) {
    case 'daily':
      return 'every day';
    case 'weekly':
      return `every ${listed(recurrence.days)}`;
    case 'monthly': {
      const dates = recurrence.daysOfMonth.map((day) => (day === 'last' ? 'the last day' : `day ${day}`));
      return `${listed(dates)} of every month`;
    }
  }
}

export function windowWords({ window }: Policy): string {
  const spread = {
    random: 'each launch at a moment of its own, drawn at random',
    even: 'launches at equal distances',
    paced: 'launches as fast as capacity allows',
  }[window.spread];
  return `${span(window.lengthMs)}; ${spread}`;
}

export function scopeWords(scope: Policy['scope']): string {
  return scope.kind === 'gitlab' ? gitlabScopeWords(scope) : selectorScopeWords(scope);
}

function selectorScopeWords({ include, exclude }: SelectorScope): string {
  const wanted = selectorWords(include, ' and ');
  const unwanted = selectorWords(exclude, ' or ');
  return `${wanted === '' ? 'all projects' : wanted}${unwanted === '' ? '' : `, but not ${unwanted}`}`;
}

function selectorWords({ projects, tenants, labels }: Selector, joint: string): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    ...(projects.length === 0 ? [] : [few(projects)]),
    ...(tenants.length === 0 ? [] : [`tenant ${few(tenants)}`]),
    ...(pairs.length === 0 ? [] : [`labels ${few(pairs)}`]),
  ].join(joint);
}

function gitlabScopeWords(scope: GitlabScope): string {
  const { projects, groups, frameworkIds, businessImpact, matchMode } = scope;
  const rules = [
    ...(frameworkIds.length === 0 ? [] : [`compliance framework ${few(frameworkIds)}`]),
    ...filterWords('project', projects),
    ...(projects.excludingTypes.length === 0 ? [] : [`not ${listed(projects.excludingTypes)} projects`]),
    ...filterWords('group', groups),
    ...filterWords('business impact', businessImpact),
  ];
  if (rules.length === 0) return 'everything below the group or project it is linked to';
  return rules.join(matchMode === 'all' ? '; ' : '; or ');
}

function filterWords(noun: string, { including, excluding }: IdFilter): readonly string[] {
  return [
    ...(including.length === 0 ? [] : [`${noun} ${few(including)}`]),
    ...(excluding.length === 0 ? [] : [`not ${noun} ${few(excluding)}`]),
  ];
}

const FEW = 4;

function few(items: readonly (string | number)[]): string {
  const more = items.length - FEW;
  return items.slice(0, FEW).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `Sun 2026-10-25 02:30 +01:00`, as the clocks of the zone show it. */
export function zonedText(timeZone: string, atMs: number): string {
  const { day, minute, offsetMinutes } = readingAt(timeZone, atMs);
  return `${weekdayOf(day).slice(0, 3)} ${dateText(day)} ${timeText(minute)} ${offsetText(offsetMinutes)}`;
}

/** `02:30:05`, with the date in front where it is another than `day`. */
export function zonedTimeText(timeZone: string, atMs: number, day: number): string {
  const reading = readingAt(timeZone, atMs);
  const time = `${timeText(reading.minute)}:${String(reading.second).padStart(2, '0')}`;
  return reading.day === day ? time : `${dateText(reading.day)} ${time}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(Math.round(minutes));
  return `${minutes < 0 ? '-' : '+'}${timeText(size)}`;
}
