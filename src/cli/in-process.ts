/** The API in this process, for commands beside which no `serve` runs. The loop stays out. */
import { composePenstock } from '../compose.ts';
import type { Config } from '../config/config.ts';
import { checkFolders } from '../config/data-folder.ts';
import { inProcessTransport, type Transport } from './transport.ts';
import { version } from './version.ts';

export interface InProcess {
  readonly transport: Transport;
  close(): Promise<void>;
}

export async function openInProcess(config: Config): Promise<InProcess> {
  await checkFolders(config);
  const composition = await composePenstock(config, {
    who: 'a penstock command',
    version: version(),
    withLoop: false,
  });
  const api = composition.api('socket');
  const close = async (): Promise<void> => {
    await api.close();
    await composition.close();
  };
  return { transport: inProcessTransport(api), close };
}
