/**
 * The cluster's certificates: one throw-away authority, the API server's certificate, one
 * certificate for each client, and the key pair that signs service accounts' tokens.
 *
 * Made by the `openssl` program: Node can read certificates but not make them, and the
 * program is part of every Debian and Ubuntu that has an HTTPS client, while a library
 * would be one more dependency for the sake of a test.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesIn } from './layout.ts';

/** Longer than any suite, shorter than anybody would rely on. */
const VALID_DAYS = 30;
const OPENSSL_MS = 30_000;

/** By file name: the subject, as openssl writes it. The `O` is the group in Kubernetes. */
const CLIENTS = {
  admin: '/O=system:masters/CN=admin',
  'kube-controller-manager': '/CN=system:kube-controller-manager',
  'kube-scheduler': '/CN=system:kube-scheduler',
  kwok: '/O=system:masters/CN=kwok',
} as const;
export type Client = keyof typeof CLIENTS;

const SERVER_NAMES = [
  'IP:127.0.0.1',
  'IP:10.96.0.1',
  'DNS:localhost',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
].join(',');

export interface Certificates {
  readonly path: (file: string) => string;
  readonly read: (file: string) => string;
}

export function makeCertificates(clusterFolder: string): Certificates {
  const folder = certificatesIn(clusterFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (file: string): string => join(folder, file);
  request(folder, 'ca', '/CN=penstock rig', ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']);
  signed(folder, 'server', '/CN=kube-apiserver', [
    '-addext',
    `subjectAltName=${SERVER_NAMES}`,
    '-addext',
    'extendedKeyUsage=serverAuth',
  ]);
  for (const [name, subject] of Object.entries(CLIENTS)) {
    signed(folder, name, subject, ['-addext', 'extendedKeyUsage=clientAuth']);
  }
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(path('sa.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(path('sa.key'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { path, read: (file) => readFileSync(path(file), 'utf8') };
}

function signed(folder: string, name: string, subject: string, more: readonly string[]): void {
  const leaf = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  request(folder, name, subject, [...leaf, ...more]);
}

function request(folder: string, name: string, subject: string, more: readonly string[]): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  const args = ['req', '-x509', ...key, '-out', `${name}.crt`, '-subj', subject, '-days', String(VALID_DAYS)];
  try {
    execFileSync('openssl', [...args, ...more], { cwd: folder, stdio: 'pipe', timeout: OPENSSL_MS });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: Buffer };
    if (code === 'ENOENT')
      throw new Error('There is no openssl program; install it (Debian: apt-get install openssl)');
    throw new Error(
      `openssl could not make the certificate "${name}" (version 3 is needed): ${stderr?.toString() ?? code}`,
    );
  }
}
