/**
 * When which certificate is replaced. A new authority is used only after everybody has had
 * time to trust it, and the old one is trusted for as long as somebody may still show its
 * certificates:
 *
 *   announce the next authority  ->  (a day, and seen in the configuration)  ->  promote it:
 *   the serving certificate is signed by it, the old authority becomes the previous one
 *   ->  (a day)  ->  retire the previous one
 *
 * Always true: pure, and nothing is remembered besides the certificates: when one was made
 * can be read off it. At every moment the serving certificates in use, of replicas that are
 * up to a day behind, too, are signed by an authority in the bundle of that moment.
 */
import { BACKDATED_MS, makeAuthority, makeServing } from './issue.ts';
import { type Keyring, parsed } from './keyring.ts';

const DAY_MS = 86_400_000;
/** Between announcing an authority and using it, and between its last use and its retirement. */
export const OVERLAP_MS = DAY_MS;
/** A certificate is replaced when this part of its life is left: weeks in which a failing replacement is noticed. */
const RENEWED_AT_LEFT = 1 / 3;

export type RotationStep = 'keep' | 'begin-anew' | 'announce' | 'promote' | 'renew' | 'retire';

export interface RotationFacts {
  readonly nowMs: number;
  /** The names that the serving certificate must be valid for. */
  readonly hosts: readonly string[];
  /** The API server's configuration has the bundle with the next authority in it. */
  readonly published: boolean;
}

export function rotationStep(keyring: Keyring | null, facts: RotationFacts): RotationStep {
  if (keyring === null) return 'begin-anew';
  const { nowMs, hosts, published } = facts;
  const { authority, serving, next, previous } = keyring;
  const authorityLife = lifeOf(authority.certificate);
  // Too late for the slow way, or a clock that was wrong when it was made.
  if (!isValid(authorityLife, nowMs) || authorityLife.untilMs - nowMs < OVERLAP_MS) return 'begin-anew';
  if (next !== null && isValid(lifeOf(next.certificate), nowMs)) {
    if (published && nowMs - madeAtMs(next.certificate) >= OVERLAP_MS) return 'promote';
  } else if (isDue(authorityLife, nowMs) && previous === null) {
    return 'announce';
  }
  const servingLife = lifeOf(serving.certificate);
  if (!isValid(servingLife, nowMs) || isDue(servingLife, nowMs)) return 'renew';
  if (!hosts.every((host) => parsed(serving.certificate)?.checkHost(host) !== undefined)) return 'renew';
  if (previous !== null && nowMs - madeAtMs(serving.certificate) >= OVERLAP_MS) return 'retire';
  return 'keep';
}

/** The keyring after a step. Makes keys: some tenths of a second. */
export async function afterStep(
  step: Exclude<RotationStep, 'keep'>,
  keyring: Keyring | null,
  { nowMs, hosts }: RotationFacts,
): Promise<Keyring> {
  if (keyring === null || step === 'begin-anew') {
    const authority = await makeAuthority(nowMs);
    const serving = await makeServing(authority, hosts, nowMs);
    return { authority, serving, next: null, previous: keyring?.authority.certificate ?? null };
  }
  const { authority, next } = keyring;
  switch (step) {
    case 'announce':
      return { ...keyring, next: await makeAuthority(nowMs) };
    case 'promote': {
      const promoted = next ?? authority;
      const serving = await makeServing(promoted, hosts, nowMs);
      return { authority: promoted, serving, next: null, previous: authority.certificate };
    }
    case 'renew':
      return { ...keyring, serving: await makeServing(authority, hosts, nowMs) };
    case 'retire':
      return { ...keyring, previous: null };
  }
}

interface Life {
  readonly fromMs: number;
  readonly untilMs: number;
}

function lifeOf(certificate: string): Life {
  const read = parsed(certificate);
  if (read === null) return { fromMs: 0, untilMs: 0 };
  return { fromMs: read.validFromDate.getTime(), untilMs: read.validToDate.getTime() };
}

function madeAtMs(certificate: string): number {
  return lifeOf(certificate).fromMs + BACKDATED_MS;
}

function isValid({ fromMs, untilMs }: Life, nowMs: number): boolean {
  return nowMs >= fromMs && nowMs < untilMs;
}

function isDue({ fromMs, untilMs }: Life, nowMs: number): boolean {
  return untilMs - nowMs < (untilMs - fromMs) * RENEWED_AT_LEFT;
}
