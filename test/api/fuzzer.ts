/** The fuzzer that `scripts/install-test-tools.sh` installs: it asks an API whatever its OpenAPI document allows, and more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Prerequisite } from '../support/prerequisites.ts';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const PROGRAM = join(cache, 'penstock-test-tools', 'schemathesis', 'bin', 'schemathesis');

export const FUZZER: Prerequisite = {
  name: 'schemathesis, from PyPI',
  remedy: 'npm run test:all installs it',
  present: () => existsSync(PROGRAM),
};

/** It does not end, and a test of its own looks at it. */
const STREAM = '/v1/events';

/** No 5xx, and no answer outside the schema that the document has for it. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

export interface Fuzzing {
  /** Where it keeps what it remembers. */
  readonly folder: string;
  readonly url: string;
  /** Null asks without. */
  readonly token: string | null;
  readonly seed: number;
  /** Requests made up for each operation, besides those at the edges of its schema. */
  readonly examples: number;
}

export async function fuzz({ folder, url, token, seed, examples }: Fuzzing) {
  const header = token === null ? [] : ['--header', `Authorization: Bearer ${token}`];
  const size = ['--max-examples', String(examples), '--seed', String(seed)];
  const asked = ['--phases', 'coverage,fuzzing', '--checks', CHECKS.join(','), '--continue-on-failure'];
  const left = ['--exclude-path', STREAM];
  const args = ['run', `${url}/openapi.json`, ...asked, ...left, ...size, ...header];
  const child = spawn(PROGRAM, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await output;
  return { status, report: `${stdout}\n${stderr}` };
}
