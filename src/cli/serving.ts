/**
 * A Penstock that serves: everything put together, both ways in open, the loop running.
 * `penstock serve` and the demo are made of it.
 *
 * Always true: the loop begins only after both ways in are open, so that a port in use or
 * a folder that cannot be written starts nothing; and it ends first, so that nothing is
 * started while the rest is taken down.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { listenOnLoopback, listenOnSocket, socketPathOf } from '../api/listen.ts';
import type { Api } from '../api/server.ts';
import type { AdmissionListener } from '../app/admission/events.ts';
import { type Composition, composePenstock } from '../compose.ts';
import type { Config } from '../config/config.ts';
import { checkFolders } from '../config/data-folder.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import { probeSocket } from './transport.ts';
import { version } from './version.ts';

export interface Serving {
  readonly composition: Composition;
  readonly socketPath: string;
  /** Null when the TCP listener is switched off. */
  readonly url: string | null;
  /** Starts nothing more, leaves what runs alone, and gives the data folder back. */
  stop(): Promise<void>;
}

export interface ServingOptions {
  /** As somebody is told who finds the data folder in use: "penstock serve". */
  readonly who: string;
  readonly onEvent?: AdmissionListener;
}

export async function startServing(config: Config, options: ServingOptions): Promise<Serving> {
  await checkFolders(config);
  const composition = await composeWhenFree(config, options);
  const apis: Api[] = [];
  const stop = async (): Promise<void> => {
    await composition.scheduled.stop();
    await composition.loop?.stop();
    await Promise.all(apis.map((api) => api.close()));
    await composition.close();
  };
  const opened = (wayIn: 'socket' | 'tcp'): Api => {
    const api = composition.api(wayIn);
    apis.push(api);
    return api;
  };
  try {
    const url = config.http === null ? null : await listenOnLoopback(opened('tcp'), config.http);
    const socketPath = await listenOnSocket(opened('socket'), config.dataFolder);
    composition.loop?.start();
    composition.scheduled.start();
    return { composition, socketPath, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A command that works on the folder by itself (`penstock queue`) is done within this time. */
const COMMAND_DONE_MS = 5_000;
const COMMAND_PACE_MS = 50;

/** Another server on the folder is refused at once; a short command is waited for. */
async function composeWhenFree(config: Config, { who, onEvent }: ServingOptions): Promise<Composition> {
  const giveUpAtMs = performance.now() + COMMAND_DONE_MS;
  for (;;) {
    try {
      return await composePenstock(config, { who, version: version(), withLoop: true, onEvent });
    } catch (error) {
      const inUse = error instanceof CodedError && error.code === 'data-in-use';
      if (!inUse || performance.now() >= giveUpAtMs) throw error;
      if ((await probeSocket(socketPathOf(config.dataFolder))) === 'listening') throw error;
    }
    await pause(COMMAND_PACE_MS);
  }
}
