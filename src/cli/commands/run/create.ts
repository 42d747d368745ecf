/** `penstock run create`: puts runs into the queue, held; all of them or none. */
import type { Command } from 'commander';
import type { CreateRunsRequest } from '../../../api/contract.ts';
import type { RunFile } from '../../../compose.ts';
import { CodedError } from '../../../core/errors/catalogue.ts';
import {
  type CommonOptions,
  durationMs,
  example,
  pair,
  request,
  wholeNumber,
  withCommonOptions,
} from '../../options.ts';

type Options = CommonOptions & {
  readonly file: string;
  readonly count: number;
  readonly name?: string;
  readonly project?: string;
  readonly tenant?: string;
  readonly priority?: string;
  readonly request?: Readonly<Record<string, number>>;
  readonly param?: Readonly<Record<string, string>>;
  readonly timeout?: number;
};

export function register(group: Command): void {
  const command = group
    .command('create')
    .description('create one or many runs of a pipeline, held until they fit')
    .requiredOption('-f, --file <file>', 'Tekton v1 Pipeline or PipelineRun as YAML')
    .option('--count <n>', 'how many', wholeNumber(1, 10_000), 1)
    .option('--name <name>', 'what their ids begin with (default: the name in the file)')
    .option('--project <project>', 'what they run for (default: the namespace in the file, else the name)')
    .option('--tenant <tenant>', 'who shares fairly (default: that of the project)')
    .option(
      '--priority <priority>',
      'one of the configured ones (default: that in the file, else the lowest)',
    )
    .option('--request <pool=units>', 'units of a pool each needs; repeat for more pools', request)
    .option('--param <name=value>', 'parameter of the pipeline; repeat for more', pair)
    .option('--timeout <time>', 'such as 5m; counts from the start, never while held', durationMs)
    .action(create);
  example(
    withCommonOptions(command),
    'penstock run create -f build.yaml --count 300 --project shop --request linux/arm64=1',
  );
}

async function create(options: Options): Promise<void> {
  const { randomUUID } = await import('node:crypto');
  const { CREATION, withClient } = await import('../../client.ts');
  const { CreatedSchema, PoolsSchema } = await import('../../../api/contract.ts');
  const { answer } = await import('../../output.ts');
  const { readPipeline } = await import('../../pipeline-file.ts');
  const { poolsMeant } = await import('../../pools-meant.ts');
  const { createdText } = await import('../../text/runs.ts');
  const file = await readPipeline(options.file);
  const created = await withClient(options, CREATION, async (client) => {
    const { pools } = await client.ask(PoolsSchema, '/v1/pools');
    const known = pools.map((pool) => pool.name);
    const requests = { ...poolsMeant(file.requests, known), ...options.request };
    const body = { ...bodyOf(options, file), requests, key: randomUUID() };
    return client.order(CreatedSchema, '/v1/runs', body).catch((error) => {
      throw aboutFile(error, options.file);
    });
  });
  answer(options, created, () => createdText(created.ids));
}

/** What the command line says goes before what the file says. */
function bodyOf(options: Options, file: RunFile): CreateRunsRequest {
  const name = options.name ?? beginningOfIds(file.name);
  const tenant = options.tenant === undefined ? {} : { tenant: options.tenant };
  const priority = options.priority ?? file.priority;
  return {
    content: file.content,
    name,
    count: options.count,
    project: options.project ?? file.project ?? file.name,
    params: { ...options.param },
    timeoutMs: options.timeout ?? null,
    ...tenant,
    ...(priority === null ? {} : { priority }),
  };
}

/** Names of pipelines may be longer than what ids have room for besides their own parts. */
function beginningOfIds(name: string): string {
  return name.slice(0, 45).replace(/-+$/, '');
}

/** Whoever takes the request knows the content only, and says "content:9:12: ..." of it. */
function aboutFile(error: unknown, file: string): unknown {
  if (!(error instanceof CodedError) || !error.message.startsWith('content:')) return error;
  const message = error.message.replace(/^content/, file);
  return new CodedError(error.code, message, { field: error.field ?? 'file', cause: error });
}
