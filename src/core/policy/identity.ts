/**
 * Which policy is which: the identity that history, draws and limits hang on, and that
 * survives editing, renaming, deleting and creating again.
 *
 * Always true: no identity is given twice; the same state and the same change give the same
 * identities in every process, since nothing is drawn; and while nothing of a name is known,
 * its identity is the one that a preview of the file takes.
 */

import type { Policy } from './model.ts';
import { identityOf } from './preview.ts';

export interface KnownPolicy {
  readonly identity: string;
  readonly contentHash: string;
  /** Null while it lives. */
  readonly deletedAtMs: number | null;
}

export interface Appearance {
  readonly name: string;
  readonly format: Policy['format'];
  readonly contentHash: string;
}

export interface IdentityState {
  /** All that live after the change besides those that appear, and all that are remembered. */
  readonly known: readonly KnownPolicy[];
  /** By name: who bore it last. */
  readonly lastOfName: ReadonlyMap<string, string>;
  /** Those of the same file that vanish in the same change. */
  readonly vanished: readonly KnownPolicy[];
}

/**
 * For each in order: one that vanished from its file with the same content was renamed; a name
 * that was there before is who it was; the same content as one that was deleted is that one
 * again, the one deleted last if there are several; anything else is new.
 */
export function identitiesFor(appeared: readonly Appearance[], state: IdentityState): readonly string[] {
  const taken = new Set<string>();
  const given = new Map<Appearance, string>();
  const give = (one: Appearance, identity: string | undefined): void => {
    if (identity === undefined || taken.has(identity) || given.has(one)) return;
    taken.add(identity);
    given.set(one, identity);
  };
  const free = (list: readonly KnownPolicy[], { contentHash }: Appearance): string | undefined =>
    list.find((known) => known.contentHash === contentHash && !taken.has(known.identity))?.identity;
  const vanished = state.vanished.toSorted(byIdentity);
  const living = new Set(state.known.filter(isLiving).map(({ identity }) => identity));
  const deleted = [
    ...vanished,
    ...state.known.filter((known) => !isLiving(known)).toSorted(lastDeletedFirst),
  ];
  const isDeleted = new Set(deleted.map(({ identity }) => identity));
  const sameName = ({ name }: Appearance): string | undefined => {
    const identity = state.lastOfName.get(name);
    return identity !== undefined && isDeleted.has(identity) ? identity : undefined;
  };
  for (const one of appeared) give(one, free(vanished, one));
  for (const one of appeared) give(one, sameName(one));
  for (const one of appeared) give(one, free(deleted, one));
  const used = (identity: string): boolean =>
    taken.has(identity) || living.has(identity) || isDeleted.has(identity);
  for (const one of appeared) if (!given.has(one)) give(one, firstUnused(identityOf(one), used));
  return appeared.map((one) => given.get(one) ?? identityOf(one));
}

function firstUnused(base: string, used: (identity: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const identity = number === 1 ? base : `${base}#${number}`;
    if (!used(identity)) return identity;
  }
}

function isLiving({ deletedAtMs }: KnownPolicy): boolean {
  return deletedAtMs === null;
}

function lastDeletedFirst(a: KnownPolicy, b: KnownPolicy): number {
  return (b.deletedAtMs ?? 0) - (a.deletedAtMs ?? 0) || byIdentity(a, b);
}

function byIdentity(a: KnownPolicy, b: KnownPolicy): number {
  return a.identity < b.identity ? -1 : 1;
}
