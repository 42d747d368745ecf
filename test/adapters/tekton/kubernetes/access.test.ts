/** Every way of signing in, against a server that checks; and what is refused, by which words. */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { type ClusterOptions, openCluster } from '../../../../src/adapters/tekton/kubernetes/open-cluster.ts';
import {
  AUTHORITY,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../../fakes/kubernetes/certificates.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { fileFor, folderFor, get, serverFor } from './place.ts';

type Fields = Readonly<Record<string, unknown>>;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const AUTHORITY_DATA = { 'certificate-authority-data': base64(AUTHORITY) };
const TLS = { key: SERVER_KEY, cert: SERVER_CERTIFICATE };

function configOf(server: string, cluster: Fields, user: Fields, context: Fields = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', ...context } }],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  });
}

async function opened(options: Partial<ClusterOptions>): Promise<Cluster> {
  const cluster = await openCluster({ kubeconfig: null, context: null, env: {}, version: '1', ...options });
  onTestFinished(() => cluster.close());
  return cluster;
}

async function kindOf(cluster: Cluster): Promise<string | number> {
  const outcome = await cluster.request(get('/api/v1/namespaces'));
  if (outcome.kind === 'ok' || outcome.kind === 'api-status') {
    return outcome.kind === 'ok' ? 'ok' : outcome.code;
  }
  return `${outcome.kind}: ${outcome.why}`;
}

test('a token and the data of an authority', async () => {
  const server = await serverFor({ tls: TLS, token: () => 'open sesame' });
  const text = configOf(server.url, AUTHORITY_DATA, { token: 'open sesame' }, { namespace: 'builds' });
  const cluster = await opened({ kubeconfig: fileFor(text) });
  expect([await kindOf(cluster), cluster.namespace, cluster.server]).toEqual(['ok', 'builds', server.url]);
});

test('a wrong token is refused by the server, and asked for again only once', async () => {
  const server = await serverFor({ token: () => 'right' });
  const cluster = await opened({ kubeconfig: fileFor(configOf(server.url, {}, { token: 'wrong' })) });
  expect([await kindOf(cluster), server.requests.length]).toEqual([401, 2]);
});

test('files beside the kubeconfig, named relative to it', async () => {
  const server = await serverFor({ tls: TLS, token: () => 'from-file' });
  const text = configOf(
    server.url,
    { 'certificate-authority': 'ca.pem' },
    { tokenFile: 'token', token: 'old' },
  );
  const path = fileFor(text);
  writeFileSync(join(dirname(path), 'ca.pem'), AUTHORITY);
  writeFileSync(join(dirname(path), 'token'), 'from-file\n');
  expect(await kindOf(await opened({ kubeconfig: path }))).toBe('ok');
});

test('a client certificate', async () => {
  const seen: unknown[] = [];
  const options = { ...TLS, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    seen.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const user = {
    'client-certificate-data': base64(CLIENT_CERTIFICATE),
    'client-key-data': base64(CLIENT_KEY),
  };
  const text = configOf(`https://127.0.0.1:${port}`, AUTHORITY_DATA, user);
  expect([await kindOf(await opened({ kubeconfig: fileFor(text) })), seen]).toEqual(['ok', ['admin']]);
});

test('a certificate that is checked for another name, or not at all', async () => {
  const server = await serverFor({ tls: TLS });
  const named = { ...AUTHORITY_DATA, 'tls-server-name': 'kubernetes.default.svc' };
  const wrong = { ...AUTHORITY_DATA, 'tls-server-name': 'example.com' };
  const unchecked = { 'insecure-skip-tls-verify': true };
  const kinds = [];
  for (const fields of [named, wrong, unchecked]) {
    kinds.push(await kindOf(await opened({ kubeconfig: fileFor(configOf(server.url, fields, {})) })));
  }
  expect(kinds).toEqual(['ok', expect.stringMatching(/^unsent: .*example\.com/), 'ok']);
});

test('several files are merged as kubectl does, and a context is taken by name', async () => {
  const server = await serverFor({ token: () => 'second' });
  const first = fileFor(configOf('http://127.0.0.1:1', {}, { token: 'first' }));
  const second = fileFor(
    `contexts: [{name: other, context: {cluster: other, user: other}}]
clusters: [{name: other, cluster: {server: '${server.url}'}}, {name: c, cluster: {server: 'http://127.0.0.1:2'}}]
users: [{name: other, user: {token: second}}]
`,
  );
  const env = { KUBECONFIG: `${first}:${second}` };
  expect(await kindOf(await opened({ env, context: 'other' }))).toBe('ok');
  expect((await opened({ env })).server).toBe('http://127.0.0.1:1');
});

function serviceAccount(files: Readonly<Record<string, string>>): string {
  const folder = folderFor();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('the service account of a pod, whose token is replaced', async () => {
  let valid = 'first';
  const server = await serverFor({ tls: TLS, token: () => valid });
  const folder = serviceAccount({ token: 'first', 'ca.crt': AUTHORITY, namespace: 'penstock\n' });
  const time = new ManualTime();
  const { port } = new URL(server.url);
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: port, HOME: folder };
  const cluster = await opened({ env, serviceAccountFolder: folder, time });
  expect([await kindOf(cluster), cluster.namespace]).toEqual(['ok', 'penstock']);

  const replace = (token: string) => {
    writeFileSync(join(folder, 'next'), token);
    renameSync(join(folder, 'next'), join(folder, 'token'));
  };
  // The old one still valid: the new one is taken within a minute.
  replace('second');
  expect(await kindOf(cluster)).toBe('ok');
  valid = 'second';
  time.pass(61_000);
  const before = server.requests.length;
  expect([await kindOf(cluster), server.requests.length - before]).toEqual(['ok', 1]);

  // The old one refused: the new one is taken at once.
  replace('third');
  valid = 'third';
  expect([await kindOf(cluster), server.requests.length - before]).toEqual(['ok', 3]);

  // The file emptied for a moment: the last token stays in use.
  writeFileSync(join(folder, 'token'), '');
  time.pass(61_000);
  expect(await kindOf(cluster)).toBe('ok');
});

test('without a kubeconfig named and outside a pod, the one in the home folder', async () => {
  const server = await serverFor();
  const path = fileFor(configOf(server.url, {}, {}));
  await expect(opened({ env: { HOME: dirname(path) } })).rejects.toMatchObject({ code: 'file-not-found' });
  await expect(opened({})).rejects.toMatchObject({ code: 'cluster-access-invalid' });
});

interface Refused {
  readonly what: string;
  readonly cluster?: Fields;
  readonly user?: Fields;
  readonly code: string;
  readonly words: RegExp;
}

const REFUSED: readonly Refused[] = [
  {
    what: 'a proxy',
    cluster: { 'proxy-url': 'http://p:1' },
    code: 'kubeconfig-unsupported',
    words: /proxy-url/,
  },
  { what: 'a password', user: { username: 'a' }, code: 'kubeconfig-unsupported', words: /username/ },
  { what: 'impersonation', user: { as: 'b' }, code: 'kubeconfig-unsupported', words: /as is not supported/ },
  {
    what: 'an authority that is not to be checked',
    cluster: { ...AUTHORITY_DATA, 'insecure-skip-tls-verify': true },
    code: 'kubeconfig-unsupported',
    words: /exclude each other/,
  },
  {
    what: 'half a certificate',
    user: { 'client-key': 'k' },
    code: 'kubeconfig-invalid',
    words: /belong together/,
  },
  { what: 'no such file', user: { tokenFile: 'nowhere' }, code: 'cluster-access-invalid', words: /nowhere/ },
  { what: 'a wrong type', user: { token: 5 }, code: 'kubeconfig-invalid', words: /users\.0\.user\.token/ },
  { what: 'no server', cluster: { server: 'ftp://x' }, code: 'kubeconfig-invalid', words: /ftp:/ },
];

test.each(REFUSED)('$what is refused in one line', async ({ cluster = {}, user = {}, code, words }) => {
  const refused = opened({ kubeconfig: fileFor(configOf('https://127.0.0.1:1', cluster, user)) });
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining('\n') });
});

test.each([
  {
    what: 'no current context',
    text: '{}',
    context: null,
    code: 'kubeconfig-invalid',
    words: /current-context/,
  },
  { what: 'no such context', text: '{}', context: 'x', code: 'kubeconfig-invalid', words: /no context "x"/ },
  { what: 'broken YAML', text: 'a: [', context: null, code: 'yaml-invalid', words: /:/ },
  { what: 'not a map', text: '- a', context: null, code: 'kubeconfig-invalid', words: /:/ },
])('$what in a kubeconfig is refused', async ({ text, context, code, words }) => {
  const refused = opened({ kubeconfig: fileFor(text), context });
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
});

test("an exec plugin signs in through Kubernetes' own client", async () => {
  let valid = 'one';
  const server = await serverFor({ tls: TLS, token: () => valid });
  const credential = (token: string) =>
    JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    });
  const answer = fileFor(credential('one'), 'answer');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'cat', args: [answer] };
  const cluster = await opened({ kubeconfig: fileFor(configOf(server.url, AUTHORITY_DATA, { exec })) });
  expect(await kindOf(cluster)).toBe('ok');
  writeFileSync(answer, credential('two'));
  valid = 'two';
  expect(await kindOf(cluster)).toBe('ok');
});

test('an exec plugin that is not there is named', async () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin' };
  const refused = opened({ kubeconfig: fileFor(configOf('https://127.0.0.1:1', {}, { exec })) });
  await expect(refused).rejects.toMatchObject({
    code: 'cluster-access-invalid',
    message: expect.stringContaining('no-such-plugin'),
  });
});
