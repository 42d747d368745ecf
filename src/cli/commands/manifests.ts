/** `penstock manifests`: what an installation on Kubernetes consists of, to read and to apply. */
import { type Command, Option } from 'commander';
import { namespaceName } from '../namespace-name.ts';
import { example, type OutputOptions, wholeNumber } from '../options.ts';

interface Options extends OutputOptions {
  readonly namespace: string;
  readonly hold: 'policy' | 'webhook' | 'none';
  readonly onFailure: 'open' | 'closed';
  readonly guard: boolean;
  readonly fence: boolean;
  readonly hostConfig?: string;
  readonly usage?: boolean;
  readonly policies?: boolean;
  readonly image?: string;
  readonly storeSecret?: string;
  readonly replicas: number;
}

export function register(program: Command): void {
  const command = program
    .command('manifests')
    .description('print what to apply to a Kubernetes cluster with Tekton')
    .option('--namespace <name>', 'where Penstock lives', namespaceName, 'penstock')
    .addOption(
      new Option('--hold <way>', 'how runs are held at creation: policy needs Kubernetes 1.36')
        .choices(['policy', 'webhook', 'none'])
        .default('policy'),
    )
    .addOption(
      new Option('--on-failure <way>', 'new runs while they cannot be held: open starts, closed refuses them')
        .choices(['open', 'closed'])
        .default('closed'),
    )
    .option('--no-guard', 'let users start held runs themselves (the guard needs Kubernetes 1.30)')
    .option('--no-fence', 'do not let the API server refuse late starts (the fence needs Kubernetes 1.30)')
    .option(
      '--host-config <namespace>',
      "read the multi-platform controller's host-config there",
      namespaceName,
    )
    .option('--usage', 'read pods and what they use, for the resources of samples')
    .option('--policies', 'let Penstock create runs: launches and test runs of policies')
    .option('--image <image>', 'also print what runs this image of Penstock')
    .option(
      '--store-secret <name>',
      'Secret with the PostgreSQL to share: its url and, unless that has it, its password',
      namespaceName,
    )
    .option(
      '--replicas <n>',
      'how many webhooks run, and how many that share a database',
      wholeNumber(1, 10),
      2,
    )
    .option('--json', 'print one JSON document, a List, instead of YAML')
    .action(print);
  example(
    command,
    'penstock manifests | kubectl apply --server-side -f -',
    'penstock manifests --hold webhook --on-failure open --namespace ci-flow',
  );
}

async function print(options: Options): Promise<void> {
  const { manifests } = await import('../../compose/manifests.ts');
  const { stringify } = await import('yaml');
  const { answer } = await import('../output.ts');
  const items = manifests({
    namespace: options.namespace,
    hold: options.hold,
    onFailure: options.onFailure,
    guard: options.guard,
    fence: options.fence,
    hostConfigNamespace: options.hostConfig ?? null,
    usage: options.usage === true,
    policies: options.policies === true,
    image: options.image ?? null,
    storeSecret: options.storeSecret ?? null,
    replicas: options.replicas,
  });
  const yaml = () =>
    items
      .map((item) => stringify(item, { lineWidth: 0 }))
      .join('---\n')
      .trimEnd();
  answer(options, { apiVersion: 'v1', kind: 'List', items }, yaml);
}
