/**
 * The configuration, read and checked: what `loadConfig` hands to those who put Penstock
 * together. Folders are absolute, lengths of time are milliseconds, nothing is optional.
 */
import type { AdmissionSettings } from '../app/settings.ts';
import type { LogLevel } from '../ports/log.ts';
import type { NeedsSettings } from './needs-rules.ts';
import type { PrometheusSettings } from './prometheus.ts';

export interface Config {
  /** The file it was read from; null when there was none. */
  readonly file: string | null;
  /** Where the store, the socket and the local engine keep their files. May not exist yet. */
  readonly dataFolder: string;
  /** The read-only listener on loopback; null when it is switched off. Port 0 takes any free one. */
  readonly http: HttpConfig | null;
  readonly logLevel: LogLevel;
  readonly store: StoreConfig;
  readonly engine: EngineConfig;
  readonly admission: AdmissionSettings;
  readonly forecast: ForecastConfig;
  /** By name; `runs` is always among them. */
  readonly pools: readonly PoolConfig[];
  /** By name. A project that is not listed may still have runs. */
  readonly projects: readonly ProjectConfig[];
  /** The folder whose files are policies, and that is watched; null for none. */
  readonly policyFolder: string | null;
  /** How to read from a run what it needs. */
  readonly needs: NeedsSettings;
  readonly access: AccessConfig;
  /** After these times a test run that does not begin, or end, is given up. */
  readonly testRuns: { readonly waitMs: number; readonly runMs: number };
  /** Of each policy. */
  readonly history: { readonly keepMs: number; readonly perPolicy: number };
  /** Who started Penstock, and so owns the data folder and its socket. */
  readonly user: string;
  /** What Penstock was started in; an engine that runs processes hands the part they need on to them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where Penstock's own things are kept. */
export type StoreConfig =
  /** In the data folder. */
  | { readonly kind: 'file' }
  /** In a database that others may share. */
  | {
      readonly kind: 'postgres';
      /** Without a password. */
      readonly url: string;
      readonly password: string | null;
      /** An absolute path. */
      readonly passwordFile: string | null;
      readonly connections: number;
    };

export interface ForecastConfig {
  /** As many new runs are taken for granted as usual at this hour of the week. */
  readonly usualArrivals: boolean;
}

/** Where runs are executed. */
export type EngineConfig = { readonly kind: 'local' } | TektonConfig;

export interface TektonConfig {
  readonly kind: 'tekton';
  /** Null: where the environment says, else the pod's service account. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  /** Penstock's own, for its lease; null: the one of the credentials. */
  readonly namespace: string | null;
  /** For runs that name none. */
  readonly defaultPriority: string;
  /** Of runs whose spec has none; null for none. */
  readonly defaultTimeoutMs: number | null;
  readonly lease: { readonly name: string; readonly durationMs: number };
  /** The multi-platform controller's ConfigMap, as a source of pools; null when it is not one. */
  readonly hostConfig: { readonly namespace: string; readonly name: string } | null;
  /** Its token file, if any, is an absolute path. */
  readonly prometheus: PrometheusSettings | null;
  readonly explainEveryMs: number;
  /** API writes for annotations and Events. */
  readonly writesPerSecond: number;
  /** Read pods and what they use, for history. */
  readonly usage: boolean;
}

/** Who may come in over TCP; nobody has a token: questions only, from this machine. */
export interface AccessConfig {
  readonly tokens: readonly TokenConfig[];
  /** Bearer tokens of the cluster, with the rights its RBAC gives; with the engine `tekton` only. */
  readonly kubernetes: boolean;
  /** Of each caller, and of each address without one; ten seconds' worth may come at once. */
  readonly requestsPerSecond: number;
}

export interface TokenConfig {
  /** Whose it is, as the audit log says. */
  readonly name: string;
  /** Of the token, in lower-case hex. */
  readonly sha256: string;
  readonly role: 'viewer' | 'owner' | 'admin';
  /** What a viewer sees and an owner owns. */
  readonly projects: ProjectsMeant;
  /** What an owner sees besides. */
  readonly sees: ProjectsMeant;
}

export type ProjectsMeant = 'all' | readonly string[];

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
}

export interface PoolConfig {
  readonly name: string;
  readonly size: number;
  readonly paused: boolean;
}

export interface ProjectConfig {
  readonly name: string;
  readonly tenant: string;
  /** Where its runs work; null leaves it to the engine. */
  readonly folder: string | null;
  /** For the scopes of policies. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What was given on the command line. Undefined means not given; text is read like a variable's. */
export interface ConfigFlags {
  /** `--data` */
  readonly data?: string | undefined;
  /** `--host` */
  readonly host?: string | undefined;
  /** `--port`; `off` switches the listener off. */
  readonly port?: string | number | undefined;
  /** `--log-level` */
  readonly logLevel?: string | undefined;
  /** `--mode` */
  readonly mode?: string | undefined;
  /** `--slots`: the size of the pool `runs`. */
  readonly slots?: string | number | undefined;
}
