/**
 * The depot: the outside world of the example workspace, a loopback server to download from and
 * to publish to, as slow as its catalogue says. It lives and dies with the demo; its address is
 * in a file, so that runs which outlived a killed demo find the depot of the next one.
 *
 * Always true: it listens on loopback only, keeps no upload, and holds at most `MAX_TRANSFERS`
 * transfers of at most `MAX_UPLOAD_BYTES` at a time.
 */
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentOf, type DepotCatalogue, transferMs } from './depot-catalogue.ts';

/** Far more than the demo has slots; whoever comes on top is told to come again. */
const MAX_TRANSFERS = 256;
const MAX_UPLOAD_BYTES = 1024 * 1024;
/** A download arrives in this many pieces: enough to be slow all along, few enough to cost nothing. */
const PIECES = 6;

export interface Depot {
  readonly url: string;
  /** Finished transfers since it was opened. */
  counts(): { readonly downloads: number; readonly uploads: number };
  close(): Promise<void>;
}

export interface DepotOptions {
  readonly catalogue: DepotCatalogue;
  readonly seed: number;
  /** Where the address is written. */
  readonly addressFile: string;
}

export async function openDepot(options: DepotOptions): Promise<Depot> {
  const shelves = new Shelves(options);
  const server = createServer({ keepAlive: false }, (request, response) => shelves.serve(request, response));
  server.maxConnections = MAX_TRANSFERS;
  await listen(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  publishAddress(options.addressFile, url);
  return {
    url,
    counts: () => shelves.counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** In one step: a run that reads it sees the old address or the new one, never half of one. */
function publishAddress(file: string, url: string): void {
  writeFileSync(`${file}.new`, `${url}\n`);
  renameSync(`${file}.new`, file);
}

class Shelves {
  readonly #options: DepotOptions;
  readonly #contents = new Map<string, Buffer>();
  readonly counts = { downloads: 0, uploads: 0 };

  constructor(options: DepotOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '/', 'http://depot');
    const name = url?.pathname.slice(1) ?? '';
    const run = url?.searchParams.get('run') ?? '';
    if (request.method === 'GET') this.#download(name, run, response);
    else if (request.method === 'PUT') this.#upload(name, run, request, response);
    else answer(response, 405, 'only GET and PUT\n');
  }

  #download(name: string, run: string, response: ServerResponse): void {
    const download = this.#options.catalogue.downloads[name];
    if (download === undefined) {
      answer(response, 404, `nothing to download is called ${name}\n`);
      return;
    }
    const content = this.#content(name, download.kib);
    response.writeHead(200, { 'content-length': content.length, connection: 'close' });
    const pieceMs = transferMs(download, { seed: this.#options.seed, name, run }) / PIECES;
    const pieceBytes = Math.ceil(content.length / PIECES);
    let sent = 0;
    const timer = setInterval(() => {
      response.write(content.subarray(sent, sent + pieceBytes));
      sent += pieceBytes;
      if (sent < content.length) return;
      clearInterval(timer);
      this.counts.downloads += 1;
      response.end();
    }, pieceMs);
    response.on('close', () => clearInterval(timer));
  }

  #upload(name: string, run: string, request: IncomingMessage, response: ServerResponse): void {
    const upload = this.#options.catalogue.uploads[name];
    if (upload === undefined) {
      answer(response, 404, `nothing to publish is called ${name}\n`);
      return;
    }
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_UPLOAD_BYTES) request.destroy();
      hash.update(chunk);
    });
    request.on('end', () => {
      const timer = setTimeout(
        () => {
          this.counts.uploads += 1;
          answer(response, 201, `${hash.digest('hex')}\n`);
        },
        transferMs(upload, { seed: this.#options.seed, name, run }),
      );
      response.on('close', () => clearTimeout(timer));
    });
  }

  #content(name: string, kib: number): Buffer {
    const known = this.#contents.get(name) ?? contentOf(name, kib);
    this.#contents.set(name, known);
    return known;
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' });
  response.end(text);
}
