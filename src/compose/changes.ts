/** Puts together what those follow who listen to events. */
import { randomBytes } from 'node:crypto';
import { ChangeFeed, type ChangeFeedParts } from '../app/changes/change-feed.ts';
import type { LoopBeside } from '../app/penstock.ts';

/** Enough that no two processes have the same. */
const LIFETIME_BYTES = 6;

export type ChangeParts = Omit<ChangeFeedParts, 'engineKind' | 'view' | 'lifetime' | 'journal'> & {
  readonly engine: { readonly kind: string };
  readonly loop: Pick<LoopBeside, 'view'> | null;
};

export function composeChanges({ engine, loop, ...parts }: ChangeParts): ChangeFeed {
  return new ChangeFeed({
    ...parts,
    engineKind: engine.kind,
    view: () => loop?.view() ?? null,
    lifetime: randomBytes(LIFETIME_BYTES).toString('hex'),
  });
}
