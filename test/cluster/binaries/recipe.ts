/**
 * What is built, from which Go modules, with which flags. Versions stand here and in the
 * four go.mod files that `pin-versions.ts` writes from them; nothing else names a version.
 *
 * Each component has a module of its own, so that Go's choice of one version for the whole
 * build does not mix the Kubernetes libraries that Tekton, KWOK and Kubernetes itself want.
 */

export const KUBERNETES_VERSION = 'v1.36.3';
export const TEKTON_VERSION = 'v1.15.0';
export const KWOK_VERSION = 'v0.8.0';
export const ETCD_VERSION = 'v3.6.16';

/** The least Go that all four modules accept; an older one fetches this as its toolchain. */
export const GO_VERSION = '1.26.4';

export const MODULE_FOLDERS = ['etcd', 'kube', 'kwok', 'tekton'] as const;
export type ModuleFolder = (typeof MODULE_FOLDERS)[number];

export interface ToolModule {
  readonly folder: ModuleFolder;
  /** Path of the Go module whose programs are built. */
  readonly module: string;
  readonly version: string;
}

export const TOOL_MODULES: readonly ToolModule[] = [
  { folder: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: ETCD_VERSION },
  { folder: 'kube', module: 'k8s.io/kubernetes', version: KUBERNETES_VERSION },
  { folder: 'kwok', module: 'sigs.k8s.io/kwok', version: KWOK_VERSION },
  { folder: 'tekton', module: 'github.com/tektoncd/pipeline', version: TEKTON_VERSION },
];

export const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'tekton-controller',
  'tekton-webhook',
] as const;
export type Program = (typeof PROGRAMS)[number];

export interface ProgramRecipe {
  readonly program: Program;
  readonly folder: ModuleFolder;
  /** Import path of its main package. */
  readonly packagePath: string;
  /** Values for string variables of the program, by `package.variable`. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Without them the API server reports v0.0.0-master, which Tekton refuses
 * (k8s.io/component-base/version; Kubernetes' hack/lib/version.sh sets the same ones).
 */
const KUBERNETES_VALUES = {
  'k8s.io/component-base/version.gitMajor': KUBERNETES_VERSION.slice(1).split('.')[0] ?? '',
  'k8s.io/component-base/version.gitMinor': KUBERNETES_VERSION.split('.')[1] ?? '',
  'k8s.io/component-base/version.gitVersion': KUBERNETES_VERSION,
  'k8s.io/component-base/version.gitTreeState': 'clean',
  'k8s.io/client-go/pkg/version.gitVersion': KUBERNETES_VERSION,
};

function kubernetes(program: Program): ProgramRecipe {
  return {
    program,
    folder: 'kube',
    packagePath: `k8s.io/kubernetes/cmd/${program}`,
    values: KUBERNETES_VALUES,
  };
}

/** In this order: what takes longest to build comes when the others are done. */
export const PROGRAM_RECIPES: readonly ProgramRecipe[] = [
  { program: 'etcd', folder: 'etcd', packagePath: 'go.etcd.io/etcd/server/v3', values: {} },
  { program: 'kwok', folder: 'kwok', packagePath: 'sigs.k8s.io/kwok/cmd/kwok', values: {} },
  {
    program: 'tekton-controller',
    folder: 'tekton',
    packagePath: 'github.com/tektoncd/pipeline/cmd/controller',
    values: {},
  },
  {
    program: 'tekton-webhook',
    folder: 'tekton',
    packagePath: 'github.com/tektoncd/pipeline/cmd/webhook',
    values: {},
  },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
];
