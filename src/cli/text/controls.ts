/** What stands of operators' orders, what an order did, and the log of them, for a terminal. */
import type { z } from 'zod';
import type { AuditSchema, Controls, Ordered } from '../../api/contract/controls.ts';
import { units } from '../../app/queries/say-when.ts';
import type { PauseTarget } from '../../ports/store.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';
import { moment, span } from './when.ts';

type Audit = z.output<typeof AuditSchema>;
type Pause = Controls['pauses'][number];
type Cap = Controls['caps'][number];

function nameOf(target: PauseTarget): string {
  return target.scope === 'everything' ? target.scope : `${target.scope} ${target.name}`;
}

/** Nothing of what a pause covers. */
const THAT = { everything: '', tenant: ' of it', pool: ' that needs it' } as const;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function command(verb: string, target: PauseTarget): string {
  const option = target.scope === 'everything' ? '' : ` --${target.scope} ${target.name}`;
  return `"penstock ${verb}${option}"`;
}

function isOf(target: PauseTarget): (pause: Pause) => boolean {
  return (pause) => nameOf(pause.target) === nameOf(target);
}

export function pausedText(target: PauseTarget, { changed, controls }: Ordered): string {
  const pause = controls.pauses.find((one) => one.source === 'order' && isOf(target)(one));
  const is = changed
    ? `${capital(nameOf(target))} is paused: nothing${THAT[target.scope]} starts until ${command('resume', target)}.`
    : `${capital(nameOf(target))} is paused already, ${pause === undefined ? '' : whose(pause, controls.nowMs)}.`;
  return [is, ...covered(target, pause), ...agingOn(controls), ...notYet(pause)].join('\n');
}

/** Also of use where it covers nothing: the name may be mistyped. */
function covered(target: PauseTarget, pause: Pause | undefined): readonly string[] {
  if (pause === undefined) return [];
  const drain = pause.active === 0 ? '' : ` ${capital(command('drain', target))} waits for what runs.`;
  return [`It covers ${units(pause.held, 'held run')} and ${running(pause.active)}.${drain}`];
}

/** What was let go before the pause goes on. */
function running(count: number): string {
  return units(count, 'running one');
}

function agingOn({ maxHeldMs }: Controls): readonly string[] {
  if (maxHeldMs === null) return [];
  return [`Held runs that get older than ${span(maxHeldMs)} meanwhile are cancelled (admission.maxAge).`];
}

function notYet(pause: Pause | undefined): readonly string[] {
  if (pause === undefined || pause.inForce) return [];
  return ['"penstock serve" has not gone by it yet; it does with its next look at the engine.'];
}

export function resumedText(target: PauseTarget, { changed, controls }: Ordered): string {
  const left = controls.pauses.filter(isOf(target));
  const others = controls.pauses.filter((pause) => !isOf(target)(pause));
  return [
    changed ? `The pause of ${nameOf(target)} is taken back.` : `No command had paused ${nameOf(target)}.`,
    ...left.map((pause) => `It stays paused ${whose(pause, controls.nowMs)}.`),
    ...others.map((pause) => `${capital(nameOf(pause.target))} is paused ${whose(pause, controls.nowMs)}.`),
  ].join('\n');
}

function whose({ source, by, sinceMs, reason }: Pause, nowMs: number): string {
  const why = reason === null ? '' : `: ${reason}`;
  if (source === 'configuration') return 'in penstock.yaml';
  if (source === 'engine') return `in the engine${why}`;
  return `by ${by} since ${sinceMs === null ? 'some time' : moment(nowMs, sinceMs)}${why}`;
}

export function drainingText(target: PauseTarget, pause: Pause | undefined): string {
  const is = `${capital(nameOf(target))} is paused`;
  if (pause === undefined || !pause.inForce) return `${is}; waiting for "penstock serve" to go by it.`;
  return `${is}; waiting for ${units(pause.active, 'run')} to end.`;
}

export function drainedText(target: PauseTarget): string {
  return `Drained: ${nameOf(target)} is paused and nothing that Penstock started there is running. ${capital(command('resume', target))} takes the pause back.`;
}

const CAP_COLUMNS: readonly Column<Cap>[] = [
  { title: 'TENANT', text: (cap) => cap.tenant },
  { title: 'POOL', text: (cap) => cap.pool },
  { title: 'AT MOST', align: 'right', text: (cap) => `${cap.units}` },
  {
    title: 'SET BY',
    text: ({ source, by }) =>
      source === 'order' ? (by ?? 'somebody') : source === 'engine' ? 'the engine' : 'penstock.yaml',
  },
];

export function cappedText(tenant: string, { changed, controls }: Ordered): string {
  const caps = controls.caps.filter((cap) => cap.tenant === tenant);
  const done = changed ? '' : 'That was so already. ';
  if (caps.length === 0) return `${done}Tenant ${tenant} has no caps.`;
  const list = caps.map(({ pool, units }) => `${units} of ${pool}`).join(', ');
  return `${done}Tenant ${tenant} may use at most ${list} at once. What runs goes on.`;
}

export function controlsText(controls: Controls): string {
  const { nowMs, pauses, caps, fronts, maxHeldMs } = controls;
  const parts = [
    pauses.length === 0 ? 'Nothing is paused.' : pauses.map((pause) => pauseLine(pause, nowMs)).join('\n'),
    ...(caps.length === 0 ? [] : [table(CAP_COLUMNS, caps, stdoutPaper())]),
    ...(fronts.length === 0
      ? []
      : [
          `Moved to the front, the first first:\n${fronts.map(({ runId, by, atMs }) => `  ${runId}, by ${by} at ${moment(nowMs, atMs)}`).join('\n')}`,
        ]),
    ...(maxHeldMs === null
      ? []
      : [`Held runs are cancelled once they are older than ${span(maxHeldMs)} (admission.maxAge).`]),
  ];
  return parts.join('\n\n');
}

function pauseLine(pause: Pause, nowMs: number): string {
  const covers = `${units(pause.held, 'held run')} and ${running(pause.active)}`;
  return `${capital(nameOf(pause.target))} is paused ${whose(pause, nowMs)} (${covers}).`;
}

export function auditText({ entries, next }: Audit, nowMs: number): string {
  if (entries.length === 0) return 'Nobody has ordered anything yet.';
  const columns: readonly Column<Audit['entries'][number]>[] = [
    { title: 'WHEN', text: (entry) => moment(nowMs, entry.atMs) },
    { title: 'WHO', text: (entry) => entry.by },
    { title: 'WHAT', text: (entry) => `${entry.what} ${entry.about}` },
    { title: 'DETAIL', text: (entry) => entry.detail ?? '' },
  ];
  const more = next === null ? '' : `\n\nMore with --limit, or --before ${next}`;
  return `${table(columns, entries, stdoutPaper())}${more}`;
}
