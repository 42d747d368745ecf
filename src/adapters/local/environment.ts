/**
 * What a run sees of this machine's environment: what programs need to work at all. The
 * rest stays out, since it may hold secrets of Penstock.
 */
const PASSED_VARIABLES = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
] as const;

/** Enough for the programs of the system when nothing was passed. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

export type Environment = Readonly<Record<string, string | undefined>>;

export function passedEnvironment(all: Environment): Readonly<Record<string, string>> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of PASSED_VARIABLES) {
    const value = all[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
