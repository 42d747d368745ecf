/**
 * Values from outside the file: environment variables over the file, flags over both.
 *
 * A variable is named after the key: `http.port` is PENSTOCK_HTTP_PORT, `admission.maxGrants`
 * is PENSTOCK_ADMISSION_MAX_GRANTS. An empty variable counts as not set. One that begins
 * with PENSTOCK_ and is none of ours is refused, since it is a typing mistake that would
 * otherwise be silent; except those that others set (`isOthers`).
 */
import { CodedError } from '../core/errors/catalogue.ts';
import { nearest } from '../documents/nearest.ts';
import type { Path } from '../documents/yaml/places.ts';
import type { ConfigFlags } from './config.ts';
import { STORE_PASSWORD_VARIABLE, STORE_URL_VARIABLE, withoutPassword } from './store.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** What messages call it: the variable or the flag. */
  readonly label: string;
}

/** Every single value of the file; lists and mappings from names have no variable. */
const PATHS: readonly (readonly string[])[] = [
  ['data'],
  ['store', 'url'],
  ['store', 'passwordFile'],
  ['store', 'connections'],
  ['engine'],
  ['mode'],
  ['shadow', 'adopts'],
  ['paused'],
  ['log', 'level'],
  ['http', 'host'],
  ['http', 'port'],
  ['access', 'kubernetes'],
  ['access', 'requestsPerSecond'],
  ['pools', 'runs', 'size'],
  ['admission', 'maxGrants'],
  ['admission', 'startDeadline'],
  ['admission', 'relist'],
  ['admission', 'retryMin'],
  ['admission', 'retryMax'],
  ['admission', 'startConcurrency'],
  ['admission', 'maxHeld'],
  ['admission', 'maxAge'],
  ['admission', 'firstEstimate', 'p50'],
  ['admission', 'firstEstimate', 'p90'],
  ['testRuns', 'giveUpWaiting'],
  ['testRuns', 'giveUpRunning'],
  ['history', 'keep'],
  ['history', 'perPolicy'],
  ['forecast', 'usualArrivals'],
  ['tekton', 'kubeconfig'],
  ['tekton', 'context'],
  ['tekton', 'namespace'],
  ['tekton', 'lease', 'name'],
  ['tekton', 'lease', 'duration'],
  ['tekton', 'explainEvery'],
  ['tekton', 'writesPerSecond'],
  ['tekton', 'usage'],
];

/** A folder may be called `2026`. */
const TEXT_VARIABLES: ReadonlySet<string> = new Set([
  'PENSTOCK_DATA',
  'PENSTOCK_HTTP_HOST',
  'PENSTOCK_STORE_PASSWORD_FILE',
  'PENSTOCK_TEKTON_CONTEXT',
  'PENSTOCK_TEKTON_KUBECONFIG',
  'PENSTOCK_TEKTON_NAMESPACE',
]);

/** The one variable that is not a key: it names the file. */
const FILE_VARIABLE = 'PENSTOCK_CONFIG';

/** Those of the command line: the token it shows to a server, and the file that one is in. */
const TOKEN_VARIABLES = ['PENSTOCK_TOKEN', 'PENSTOCK_TOKEN_FILE'] as const;

/** Those that are no keys and are read elsewhere. */
const OTHER_VARIABLES: readonly string[] = [...TOKEN_VARIABLES, STORE_PASSWORD_VARIABLE];

/** All there are. */
export const VARIABLES: readonly string[] = [FILE_VARIABLE, ...PATHS.map(variableOf), ...OTHER_VARIABLES];

/** Which file the environment names; null when none. */
export function fileFromEnvironment(env: Environment): string | null {
  const file = env[FILE_VARIABLE];
  return file === undefined || file === '' ? null : file;
}

function variableOf(path: Path): string {
  const words = path.map((step) => String(step).replace(/[A-Z]/g, (letter) => `_${letter}`));
  return `PENSTOCK_${words.join('_').toUpperCase()}`;
}

export function environmentOverrides(env: Environment): readonly Override[] {
  const paths = new Map(PATHS.map((path) => [variableOf(path), path]));
  const overrides: Override[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('PENSTOCK_') || variable === FILE_VARIABLE) continue;
    if (OTHER_VARIABLES.includes(variable)) continue;
    if (text === undefined || text === '' || isOthers(variable, text)) continue;
    const path = paths.get(variable);
    if (path === undefined) throw unknownVariable(variable);
    overrides.push({ path, value: givenBy(variable, text), label: variable });
  }
  return overrides;
}

function givenBy(variable: string, text: string): unknown {
  if (variable === STORE_URL_VARIABLE) return withoutPassword(text);
  return TEXT_VARIABLES.has(variable) ? text : readAs(text);
}

/**
 * What the local engine gives its runs, inside of which somebody may call Penstock; and
 * what Kubernetes gives every pod of a namespace with a service named `penstock`.
 */
function isOthers(variable: string, text: string): boolean {
  if (variable.startsWith('PENSTOCK_RUN_')) return true;
  return (
    /_SERVICE_(HOST|PORT)(_|$)/.test(variable) ||
    /_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(variable) ||
    (variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text))
  );
}

function unknownVariable(variable: string): CodedError {
  const meant = nearest(variable, VARIABLES);
  const hint = meant === null ? `known are ${VARIABLES.join(', ')}` : `did you mean ${meant}?`;
  return new CodedError('config-invalid', `${variable}: is not a variable that Penstock knows; ${hint}`, {
    field: variable,
  });
}

export function flagOverrides(flags: ConfigFlags): readonly Override[] {
  const given: readonly Override[] = [
    { path: ['data'], value: flags.data, label: '--data' },
    { path: ['http', 'host'], value: flags.host, label: '--host' },
    { path: ['http', 'port'], value: readAs(flags.port), label: '--port' },
    { path: ['log', 'level'], value: flags.logLevel, label: '--log-level' },
    { path: ['mode'], value: flags.mode, label: '--mode' },
    { path: ['pools', 'runs', 'size'], value: readAs(flags.slots), label: '--slots' },
  ];
  return given.filter((override) => override.value !== undefined);
}

/** Text that stands for a number or yes or no becomes one, as it would in the file. */
function readAs(given: string | number | undefined): unknown {
  if (typeof given !== 'string') return given;
  if (given === 'true' || given === 'false') return given === 'true';
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(given) ? Number(given) : given;
}

/**
 * The file's value with the overrides put in. Where the file has something that cannot hold
 * a key, that is left for the check to complain about.
 */
export function withOverrides(fileValue: unknown, overrides: readonly Override[]): unknown {
  let value = fileValue;
  for (const override of overrides) value = withValueAt(value, override.path, override.value);
  return value;
}

function withValueAt(value: unknown, path: readonly string[], given: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return given;
  // `http: off` in the file and a port from outside: the port wins.
  const holder = value === undefined || value === null || value === 'off' ? {} : value;
  if (typeof holder !== 'object' || Array.isArray(holder)) return value;
  const entries = new Map(Object.entries(holder));
  return Object.fromEntries(entries.set(key, withValueAt(entries.get(key), rest, given)));
}
