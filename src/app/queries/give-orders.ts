/**
 * Orders of operators: checked against what is there, written down together with who gave
 * them, and in force before the answer, unless the loop cannot make a pass for now.
 *
 * Always true: an order that is refused changes nothing and is in no log; the number of
 * orders that stand is bounded.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { AuditEntry, ControlOrder, PauseTarget } from '../../ports/store.ts';
import type { RunView } from '../views.ts';
import { targetText } from './control-sentences.ts';
import type { Outlook } from './outlook.ts';
import type { Picture, Surroundings } from './picture.ts';
import { reasonSentence } from './reason-sentences.ts';

/** More pauses or caps than anybody gives by hand, and few enough to be read in each pass. */
const STANDING_MAX = 1_000;
/** Where everybody is first, nobody is. */
const FRONTS_MAX = 100;

type Around = Pick<Surroundings, 'store' | 'clock'>;

export async function pauseOrder(
  around: Around,
  picture: Picture,
  given: { readonly target: PauseTarget; readonly by: string; readonly reason: string | null },
): Promise<boolean> {
  const { target, by, reason } = given;
  if (target.scope === 'pool') checkPool(target.name, picture);
  const { pauses } = await around.store.controls();
  checkRoom(pauses.length, STANDING_MAX, 'pauses');
  const sinceMs = around.clock.nowMs();
  return give(
    around,
    { kind: 'pause', pause: { target, by, reason, sinceMs } },
    { by, about: targetText(target), detail: reason },
  );
}

export async function resumeOrder(
  around: Around,
  picture: Picture,
  { target, by }: { readonly target: PauseTarget; readonly by: string },
): Promise<boolean> {
  const about = targetText(target);
  const changed = await give(around, { kind: 'resume', target }, { by, about, detail: null });
  const other = picture.controls.pauses.find(
    (pause) => pause.source !== 'order' && targetText(pause.target) === about,
  );
  if (changed || other === undefined) return changed;
  const where = other.source === 'configuration' ? 'in penstock.yaml' : `in the engine (${other.reason})`;
  throw new CodedError(
    'paused-elsewhere',
    `${about} is paused ${where} and by no command: take that back there.`,
  );
}

export async function capOrder(
  around: Around,
  picture: Picture,
  given: {
    readonly tenant: string;
    readonly pool: string;
    readonly units: number | null;
    readonly by: string;
  },
): Promise<boolean> {
  const { tenant, pool, units, by } = given;
  const entry = { by, about: `tenant ${tenant}` };
  if (units === null) {
    return give(around, { kind: 'uncap', tenant, pool }, { ...entry, detail: `${pool}=off` });
  }
  checkPool(pool, picture);
  const { caps } = await around.store.controls();
  checkRoom(caps.length, STANDING_MAX, 'caps');
  const cap = { tenant, pool, units, by, sinceMs: around.clock.nowMs() };
  return give(around, { kind: 'cap', cap }, { ...entry, detail: `${pool}=${units}` });
}

export async function frontOrder(
  around: Around,
  { run, picture, outlook }: { readonly run: RunView; readonly picture: Picture; readonly outlook: Outlook },
  by: string,
): Promise<boolean> {
  checkHeld(run);
  checkCanStart(run.id, picture, outlook);
  const { fronts } = await around.store.controls();
  if (!fronts.some((front) => front.runId === run.id))
    checkRoom(fronts.length, FRONTS_MAX, 'runs at the front');
  const front = { runId: run.id, by, atMs: around.clock.nowMs() };
  return give(around, { kind: 'front', front }, { by, about: `run ${run.id}`, detail: null });
}

export function unfrontOrder(around: Around, runId: RunId, by: string): Promise<boolean> {
  return give(around, { kind: 'unfront', runId }, { by, about: `run ${runId}`, detail: null });
}

function give(
  { store, clock }: Around,
  order: ControlOrder,
  entry: Pick<AuditEntry, 'by' | 'about' | 'detail'>,
): Promise<boolean> {
  return store.order(order, { ...entry, what: order.kind, atMs: clock.nowMs() });
}

function checkPool(name: string, { snapshot }: Picture): void {
  const known = snapshot.pools.map((pool) => pool.name).toSorted();
  if (known.includes(name)) return;
  throw new CodedError('pool-unknown', `pool: there is no pool "${name}"; use one of ${known.join(', ')}.`, {
    field: 'pool',
  });
}

function checkRoom(standing: number, most: number, what: string): void {
  if (standing < most) return;
  throw new CodedError(
    'controls-full',
    `There are ${standing} ${what} already, the most there may be: take some back first.`,
  );
}

function checkHeld(run: RunView): void {
  if (run.state === 'held' && run.ours) return;
  if (run.outcome !== null) {
    throw new CodedError('run-finished', `Run "${run.id}" has finished already; there is nothing to move.`);
  }
  const why =
    run.state === 'held'
      ? 'is held by somebody else, so Penstock never starts it'
      : `is ${run.state} already`;
  throw new CodedError(
    'run-not-held',
    `Run "${run.id}" ${why}; only a run that Penstock holds can be moved.`,
  );
}

/** Waiting for nothing in the world would help these. */
const NEVER = ['malformed', 'never-fits', 'never-fits-cap', 'unknown-pool', 'unknown-priority'];

function checkCanStart(id: RunId, { controls }: Picture, outlook: Outlook): void {
  const reason = outlook.byId.get(id)?.reason ?? null;
  if (reason === null || !NEVER.includes(reason.kind)) return;
  const sentence = reasonSentence(reason, { aheadInPool: null, controls, sayInstant: String });
  throw new CodedError('run-cannot-start', `Run "${id}" cannot be moved to the front. ${sentence}`);
}
