/** `penstock needs`: what PipelineRuns of a file would ask for, before anybody creates them. */
import type { Command } from 'commander';
import { CodedError } from '../../core/errors/catalogue.ts';
import { example, type OutputOptions, pair } from '../options.ts';
import type { RunNeeds } from '../text/needs.ts';

interface Options extends OutputOptions {
  readonly file: string;
  readonly config?: string;
  readonly namespaceLabel?: Readonly<Record<string, string>>;
}

export function register(program: Command): void {
  const command = program
    .command('needs')
    .description('show what a PipelineRun asks for: pools, units, priority, and what is malformed')
    .requiredOption('-f, --file <file>', 'PipelineRuns as YAML, one or several')
    .option('--namespace-label <name=value>', 'label of the namespace, for rules that look at it', pair)
    .option('--config <file>', 'configuration (default: penstock.yaml, when it is there)')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(show);
  example(command, 'penstock needs -f pipelinerun.yaml');
}

async function show(options: Options): Promise<void> {
  const { openNeedsReader } = await import('../../compose.ts');
  const { loadConfig } = await import('../../config/load-config.ts');
  const { answer } = await import('../output.ts');
  const { readDocuments } = await import('../pipeline-file.ts');
  const { needsText } = await import('../text/needs.ts');
  const config = await loadConfig({ file: options.config });
  const known = new Set(config.pools.map(({ name }) => name));
  const read = openNeedsReader(config);
  const documents = (await readDocuments(options.file)).filter(isPipelineRun);
  if (documents.length === 0) {
    throw new CodedError('pipeline-invalid', `${options.file}: holds no PipelineRun.`, { field: 'file' });
  }
  const runs = documents.map((document): RunNeeds => {
    const needs = read(document, options.namespaceLabel);
    const unknown = Object.keys(needs.requests).filter((pool) => !known.has(pool));
    return { name: nameOf(document), ...needs, unknown };
  });
  answer(options, { runs }, () => needsText(runs));
  if (runs.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

interface PipelineRun {
  readonly kind: 'PipelineRun';
  readonly metadata?: { readonly name?: unknown; readonly generateName?: unknown } | null;
}

function isPipelineRun(document: unknown): document is PipelineRun {
  return (
    typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'PipelineRun'
  );
}

function nameOf({ metadata }: PipelineRun): string {
  const name = metadata?.name ?? metadata?.generateName;
  return typeof name === 'string' ? name : '(no name)';
}
