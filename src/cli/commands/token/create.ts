/**
 * `penstock token create`: a new token, shown this once, and the lines that make it known to
 * a server. It writes nothing but the file it is asked for.
 */
import { type Command, Option } from 'commander';
import { CodedError } from '../../../core/errors/catalogue.ts';
import { printable } from '../../../documents/problem-text.ts';
import { name as nameSchema } from '../../../documents/schema-parts.ts';
import { example, type OutputOptions } from '../../options.ts';
import type { TokenEntry } from '../../text/token.ts';

interface Options extends OutputOptions {
  readonly name: string;
  readonly role: 'viewer' | 'owner' | 'admin';
  readonly project?: readonly string[];
  readonly sees?: readonly string[];
  readonly out?: string;
}

export function register(group: Command): void {
  const command = group
    .command('create')
    .description('make a token: it is shown once, penstock.yaml gets its hash')
    .requiredOption('--name <name>', 'whose it is, as the audit log says')
    .addOption(
      new Option('--role <role>', 'what it may').choices(['viewer', 'owner', 'admin']).makeOptionMandatory(),
    )
    .option('--project <project>', 'that a viewer sees, an owner owns; repeat for more, or "all"', collected)
    .option('--sees <project>', 'that an owner sees besides; repeat for more, or "all"', collected)
    .option('--out <file>', 'write the token there, for its owner only, and print nothing but its lines')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(create);
  example(
    command,
    'penstock token create --name mia --role owner --project payments/ledger',
    'penstock token create --name prometheus --role viewer --project all --out prometheus.token >> penstock.yaml',
  );
}

function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

async function create(options: Options): Promise<void> {
  const { newToken, tokenHash } = await import('../../../documents/access-token.ts');
  const { answer } = await import('../../output.ts');
  const { tokenText, entryLines } = await import('../../text/token.ts');
  const token = newToken();
  const entry = { ...entryOf(options), sha256: tokenHash(token) };
  const { out } = options;
  if (out === undefined) {
    answer(options, { token, entry }, () => tokenText(token, entry));
    return;
  }
  await writeNew(out, `${token}\n`);
  if (options.json !== true)
    process.stderr.write(`The token is in ${out}; these are its lines for access.tokens:\n`);
  answer(options, { tokenFile: out, entry }, () => entryLines(entry));
}

/** For its owner only, and never over a file that is there. */
async function writeNew(path: string, text: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const why =
      code === 'EEXIST'
        ? 'is there already; name another file, or remove it first'
        : `cannot be written (${code})`;
    throw new CodedError('file-unwritable', `--out: ${path} ${why}.`, { field: 'out', cause });
  }
}

function entryOf({ name, role, project, sees }: Options): Omit<TokenEntry, 'sha256'> {
  checkName(name, '--name');
  for (const one of project ?? []) checkName(one, '--project');
  for (const one of sees ?? []) checkName(one, '--sees');
  if (role === 'admin' && project !== undefined)
    wrong('--project', 'an admin has all projects; leave it out');
  if (role !== 'admin' && project === undefined) {
    wrong('--project', `say which projects the ${role} ${role === 'owner' ? 'owns' : 'sees'}, or "all"`);
  }
  if (role !== 'owner' && sees !== undefined) wrong('--sees', 'is for owners; leave it out');
  return {
    name,
    role,
    ...(project === undefined ? {} : { projects: meant(project) }),
    ...(sees === undefined ? {} : { sees: meant(sees) }),
  };
}

function meant(names: readonly string[]): 'all' | readonly string[] {
  return names.includes('all') ? 'all' : [...new Set(names)];
}

function checkName(text: string, option: string): void {
  const result = nameSchema.safeParse(text);
  if (!result.success)
    wrong(option, `"${printable(text)}" ${result.error.issues[0]?.message ?? 'is no name'}`);
}

function wrong(option: string, what: string): never {
  throw new CodedError('usage', `${option}: ${what}.`, { field: option.slice(2) });
}
