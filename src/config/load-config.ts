/**
 * Reads the configuration: `penstock.yaml`, overridden by PENSTOCK_* variables, overridden
 * by flags.
 *
 * Always true: what it returns was checked whole; the first mistake is thrown as a
 * CodedError in one line with the path of the key; nothing is created.
 */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { AdmissionSettings } from '../app/settings.ts';
import { RUNS_POOL } from '../core/model/run.ts';
import type { Config, ConfigFlags, EngineConfig, PoolConfig, ProjectConfig } from './config.ts';
import { checkSocketPath, DEFAULT_DATA_FOLDER } from './data-folder.ts';
import {
  type Environment,
  environmentOverrides,
  fileFromEnvironment,
  flagOverrides,
  type Override,
  withOverrides,
} from './overrides.ts';
import { type Origin, problemError } from './problem-line.ts';
import type { PrometheusSettings } from './prometheus.ts';
import { DEFAULT_SLOTS, FILE_SCHEMA, type FileSettings } from './schema.ts';
import { storeOf } from './store.ts';
import { whoOrders } from './who.ts';
import { readYamlFile } from './yaml-file.ts';

/** Read when it is there and no file is named. */
export const DEFAULT_FILE = 'penstock.yaml';

export interface ConfigSources {
  /** `--config`. One that is named must exist; before it comes nothing, after it PENSTOCK_CONFIG. */
  readonly file?: string | undefined;
  readonly flags?: ConfigFlags;
  readonly env?: Environment;
  readonly cwd?: string;
}

export async function loadConfig(sources: ConfigSources = {}): Promise<Config> {
  const { flags = {}, env = process.env, cwd = process.cwd() } = sources;
  const overrides = [...environmentOverrides(env), ...flagOverrides(flags)];
  const path = configPath(sources.file ?? fileFromEnvironment(env), cwd);
  const label = path === null ? '' : labelOf(path, cwd);
  const yaml = path === null ? null : await readYamlFile(path, label);
  const merged = withOverrides(yaml?.value ?? {}, overrides);
  const origin: Origin = { file: yaml === null ? null : { label, yaml }, overrides, merged };

  const result = FILE_SCHEMA.safeParse(merged);
  if (!result.success) throw problemError(result.error.issues, origin);
  const dataFolder = dataFolderOf(result.data, { overrides, path, cwd });
  checkSocketPath(dataFolder, label === '' ? '' : `${label}: `);
  return configOf(result.data, {
    file: path,
    dataFolder,
    base: path === null ? cwd : dirname(path),
    environment: env,
  });
}

function configPath(named: string | null, cwd: string): string | null {
  if (named !== null) return resolve(cwd, named);
  const path = resolve(cwd, DEFAULT_FILE);
  return existsSync(path) ? path : null;
}

/** Short where it can be: people read it in their own folder. */
function labelOf(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** A path in the file counts from the file's folder, one from outside from the current folder. */
function dataFolderOf(
  settings: FileSettings,
  from: { readonly overrides: readonly Override[]; readonly path: string | null; readonly cwd: string },
): string {
  const given = from.overrides.some((override) => override.path[0] === 'data');
  const base = given || from.path === null ? from.cwd : dirname(from.path);
  return resolve(base, settings.data ?? DEFAULT_DATA_FOLDER);
}

function configOf(
  settings: FileSettings,
  from: Pick<Config, 'file' | 'dataFolder' | 'environment'> & { readonly base: string },
): Config {
  const { host, port } = settings.http;
  const pools = poolsOf(settings);
  return {
    file: from.file,
    dataFolder: from.dataFolder,
    http: port === null ? null : { host, port },
    logLevel: settings.log.level,
    store: storeOf(settings.store, from),
    engine: engineOf(settings, from.base),
    admission: admissionOf(settings, pools),
    forecast: settings.forecast,
    pools,
    projects: projectsOf(settings, from.base),
    policyFolder: settings.policies === undefined ? null : resolve(from.base, settings.policies),
    needs: settings.needs,
    access: settings.access,
    testRuns: settings.testRuns,
    history: settings.history,
    user: whoOrders(from.environment),
    environment: from.environment,
  };
}

function engineOf(settings: FileSettings, base: string): EngineConfig {
  if (settings.engine === 'local') return { kind: 'local' };
  const { kubeconfig, context, namespace, defaultPriority, defaultTimeout, ...tekton } = settings.tekton;
  const lowest = settings.priorities.at(-1)?.name ?? '';
  return {
    kind: 'tekton',
    kubeconfig: kubeconfig === undefined ? null : resolve(base, kubeconfig),
    context: context ?? null,
    namespace: namespace ?? null,
    defaultPriority: defaultPriority ?? lowest,
    defaultTimeoutMs: defaultTimeout === 0 ? null : defaultTimeout,
    lease: { name: tekton.lease.name, durationMs: tekton.lease.duration },
    hostConfig: settings.hostConfig ?? null,
    prometheus: prometheusOf(settings, base),
    explainEveryMs: tekton.explainEvery,
    writesPerSecond: tekton.writesPerSecond,
    usage: tekton.usage,
  };
}

function prometheusOf({ prometheus }: FileSettings, base: string): PrometheusSettings | null {
  if (prometheus?.bearerTokenFile === undefined) return prometheus ?? null;
  return { ...prometheus, bearerTokenFile: resolve(base, prometheus.bearerTokenFile) };
}

function poolsOf(settings: FileSettings): readonly PoolConfig[] {
  const configured = Object.entries(settings.pools).map(([name, pool]) => ({ name, ...pool }));
  const runs = { name: RUNS_POOL, size: DEFAULT_SLOTS, paused: false };
  return configured.some((pool) => pool.name === RUNS_POOL) ? configured : [runs, ...configured];
}

function projectsOf(settings: FileSettings, base: string): readonly ProjectConfig[] {
  return Object.entries(settings.projects).map(([name, { tenant, folder, labels }]) => ({
    name,
    tenant,
    labels,
    folder: folder === undefined ? null : resolve(base, folder),
  }));
}

/** An API server takes many small patches side by side; supervisors begin on this very machine. */
const START_CONCURRENCY = { local: 16, tekton: 64 } as const;

function admissionOf(settings: FileSettings, pools: readonly PoolConfig[]): AdmissionSettings {
  const { admission } = settings;
  return {
    mode: settings.mode,
    shadowAdopts: settings.shadow.adopts,
    paused: settings.paused,
    pausedPools: pools.filter((pool) => pool.paused).map((pool) => pool.name),
    priorities: settings.priorities.map(({ name, patience }) => ({ name, patienceMs: patience })),
    tenants: Object.entries(settings.tenants).map(([name, tenant]) => ({ name, ...tenant })),
    maxGrants: admission.maxGrants,
    startDeadlineMs: admission.startDeadline,
    relistMs: admission.relist,
    retryMinMs: admission.retryMin,
    retryMaxMs: admission.retryMax,
    startConcurrency: admission.startConcurrency ?? START_CONCURRENCY[settings.engine],
    maxHeld: admission.maxHeld,
    maxHeldMs: admission.maxAge,
    firstEstimate: { p50Ms: admission.firstEstimate.p50, p90Ms: admission.firstEstimate.p90 },
  };
}
