/** `penstock shadow report`: what happened, beside what Penstock would have done. */
import type { Command } from 'commander';
import { type CommonOptions, example, instantOrAgo, request, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & {
  readonly since?: number;
  readonly until?: number;
  readonly size?: Readonly<Record<string, number>>;
};

export function register(group: Command): void {
  const command = group
    .command('report')
    .description('replay the runs that have finished through Penstock and compare; changes nothing')
    .option('--since <when>', 'a moment, or how long ago: 7d (default: 24h before --until)', instantOrAgo)
    .option('--until <when>', 'a moment, or how long ago (default: now)', instantOrAgo)
    .option('--size <pool=units>', 'what if the pool had this size; may be given several times', request)
    .action(show);
  example(
    withCommonOptions(command),
    'penstock shadow report',
    'penstock shadow report --since 2026-11-20T08:00 --until 2026-11-20T18:00',
    'penstock shadow report --since 7d --size runs=30 --size linux/arm64=4',
    "penstock shadow report --json | jq '.schedule[] | {id, penstockStartMs}'",
  );
}

async function show(options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { ShadowReportSchema } = await import('../../../api/contract/shadow.ts');
  const { shadowReportText } = await import('../../text/shadow.ts');
  const { answer } = await import('../../output.ts');
  const report = await withClient(options, QUESTION, (client) =>
    client.ask(ShadowReportSchema, pathOf(options)),
  );
  answer(options, report, () => shadowReportText(report));
}

function pathOf({ since, until, size = {} }: Options): string {
  const query = new URLSearchParams();
  if (since !== undefined) query.set('sinceMs', String(since));
  if (until !== undefined) query.set('untilMs', String(until));
  for (const [pool, units] of Object.entries(size)) query.append('size', `${pool}=${units}`);
  return `/v1/shadow/report?${query.toString()}`;
}
