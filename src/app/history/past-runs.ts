/** Past runs of a policy, all pages as one. */
import type { HistoryStore, PastRun } from '../../ports/history-store.ts';

const PAGE = 1_000;

/** The newest first, without profiles. */
export async function allPastRuns(
  history: Pick<HistoryStore, 'page'>,
  identity: string,
  { most, signal }: { readonly most: number; readonly signal: AbortSignal | null },
): Promise<readonly PastRun[]> {
  const runs: PastRun[] = [];
  let before: string | null = null;
  do {
    signal?.throwIfAborted();
    const limit = Math.min(PAGE, most - runs.length);
    const page = await history.page({ identity, limit, before, withProfiles: false });
    runs.push(...page.runs);
    before = page.next;
  } while (before !== null && runs.length < most);
  return runs;
}
