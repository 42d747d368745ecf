/** A folder with a penstock.yaml in it, and the error a wrong one gives. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type ConfigSources, loadConfig } from '../../src/config/load-config.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';

export interface ConfigRig {
  readonly folder: string;
  write(text: string | Buffer, name?: string): Promise<void>;
  /** Loads with an empty environment unless one is given. */
  load(sources?: ConfigSources): Promise<Config>;
  /** The error that loading gives; fails when it gives none. */
  refusal(sources?: ConfigSources): Promise<CodedError>;
}

export function configRig(): ConfigRig {
  const rig = {
    folder: '',
    write: (text: string | Buffer, name = 'penstock.yaml') => writeFile(join(rig.folder, name), text),
    load: (sources: ConfigSources = {}) => loadConfig({ cwd: rig.folder, env: {}, ...sources }),
    refusal: async (sources: ConfigSources = {}) => {
      const result = await rig.load(sources).catch((error: unknown) => error);
      if (result instanceof CodedError) return result;
      throw new Error(`refused with no coded error: ${JSON.stringify(result)} ${String(result)}`);
    },
  };
  beforeEach(async () => {
    rig.folder = await mkdtemp(join(tmpdir(), 'penstock-config-'));
  });
  afterEach(() => rm(rig.folder, { recursive: true, force: true }));
  return rig;
}
