/**
 * Tokens of the configuration count as soon as its file has changed, without a restart: one
 * that leaked must not stay good until somebody may restart.
 *
 * Always true: a file that is wrong, or gone, changes nothing and is told of in the log; of a
 * file that is right only the tokens are taken, and that the rest waits for a restart is told.
 */
import { unwatchFile, watchFile } from 'node:fs';
import { resolve } from 'node:path';
import { errorText } from '../app/admission/bounded-wait.ts';
import type { Config, ConfigFlags } from '../config/config.ts';
import { DEFAULT_FILE, loadConfig } from '../config/load-config.ts';
import type { Log } from '../ports/log.ts';

export interface FollowedTokens {
  readonly config: Config;
  readonly flags: ConfigFlags;
  readonly log: Log;
  readonly take: (tokens: Config['access']['tokens']) => void;
}

/** Looked at by its path, so that a file that is replaced, as editors and mounts do, is followed as well. */
const LOOK_EVERY_MS = 1_000;

/** Returns what ends it. */
export function followTokens({ config, flags, log, take }: FollowedTokens): () => void {
  const file = config.file ?? resolve(DEFAULT_FILE);
  let last = config;
  const look = async (): Promise<void> => {
    try {
      const now = await loadConfig({ file, flags });
      if (!isSame(now.access.tokens, last.access.tokens)) {
        take(now.access.tokens);
        const names = now.access.tokens.map(({ name }) => name);
        log.info(
          { file, tokens: names.length, names: names.slice(0, 100) },
          'The tokens of the configuration changed and count now',
        );
      }
      if (!isSame(withoutTokens(now), withoutTokens(last))) {
        log.warn({ file }, 'The configuration changed beside its tokens: the rest waits for a restart');
      }
      last = now;
    } catch (error) {
      log.warn(
        { file, problem: errorText(error) },
        'The changed configuration is refused; the tokens stay as they were',
      );
    }
  };
  let looking = Promise.resolve();
  const changed = (): void => {
    looking = looking.then(look);
  };
  // It may have changed between its being read and now.
  changed();
  watchFile(file, { persistent: false, interval: LOOK_EVERY_MS }, changed);
  return () => unwatchFile(file, changed);
}

function withoutTokens({ access, ...rest }: Config): unknown {
  return { ...rest, file: null, access: { ...access, tokens: [] } };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
