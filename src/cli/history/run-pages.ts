/** The runs of a policy, page by page, the newest first. */
import { type PastRunBody, PastRunsSchema } from '../../api/contract/history.ts';
import type { Client } from '../client.ts';
import { policySamplesPath } from '../policies.ts';

const PAGE = 500;

export async function* runPages(client: Client, policy: string): AsyncGenerator<readonly PastRunBody[]> {
  let before: string | null = null;
  do {
    const more: string = before === null ? '' : `&before=${encodeURIComponent(before)}`;
    const page = await client.ask(PastRunsSchema, `${policySamplesPath(policy)}?limit=${PAGE}${more}`);
    yield page.runs;
    before = page.next;
  } while (before !== null);
}
