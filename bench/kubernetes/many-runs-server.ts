/**
 * Child process of the kubernetes section: an API server of one collection, as fast as Node
 * can be one, with PipelineRuns of a usual size. Prints its port; ends with its stdin.
 *
 *   POST /burst?events=1000    changes so many runs and tells every watch
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SERVER_CERTIFICATE, SERVER_KEY } from '../../test/fakes/kubernetes/certificates.ts';
import { finishedRun } from '../workloads/pipeline-runs.ts';

const count = Number(process.argv[2]);
const isTls = process.argv[3] === 'tls';
const runs = Array.from({ length: count }, (_, index) => JSON.stringify(finishedRun(index, index + 1)));
const watches = new Set<ServerResponse>();
let version = count;

function page(limit: number, from: number): string {
  const items = runs.slice(from, from + limit);
  const next = from + limit < count ? String(from + limit) : '';
  const metadata = JSON.stringify({ resourceVersion: String(version), continue: next });
  return `{"apiVersion":"tekton.dev/v1","items":[${items.join(',')}],"kind":"PipelineRunList","metadata":${metadata}}`;
}

/** In pieces that let the client's side keep up. */
async function burst(events: number): Promise<void> {
  for (let sent = 0; sent < events; ) {
    let text = '';
    for (let index = 0; index < 50 && sent < events; index += 1, sent += 1) {
      version += 1;
      text += `{"type":"MODIFIED","object":${JSON.stringify(finishedRun(version % count, version))}}\n`;
    }
    for (const watch of watches) {
      if (!watch.write(text)) await new Promise((resolve) => watch.once('drain', resolve));
    }
  }
}

const handle = (url: URL, method: string, response: ServerResponse) => {
  if (method === 'GET' && url.searchParams.get('watch') === '1') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watches.add(response);
    response.on('close', () => watches.delete(response));
    return;
  }
  if (method === 'GET') {
    const { searchParams } = url;
    response.end(page(Number(searchParams.get('limit')), Number(searchParams.get('continue') ?? 0)));
    return;
  }
  if (url.pathname === '/burst') {
    void burst(Number(url.searchParams.get('events'))).then(() => response.end('{}'));
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(runs[0]);
};

const listener = (request: IncomingMessage, response: ServerResponse) => {
  request.resume();
  request.on('end', () => handle(new URL(request.url ?? '/', 'http://here'), request.method ?? '', response));
};
const server = isTls
  ? createTlsServer({ key: SERVER_KEY, cert: SERVER_CERTIFICATE }, listener)
  : createServer(listener);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
