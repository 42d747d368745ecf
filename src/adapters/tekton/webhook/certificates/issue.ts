/**
 * Makes certificates: an authority of our own, and serving certificates signed by it (X.509
 * version 3, RFC 5280; RSA 2048 with SHA-256, which every API server accepts).
 *
 * Always true: a certificate is valid from `BACKDATED_MS` before its making, so that a reader
 * whose clock is behind accepts it; when it was made can be read off it therefore.
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
// The package is CommonJS, and its names are not seen by Node's import.
import forge from 'node-forge';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const BACKDATED_MS = HOUR_MS;
export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
export const SERVING_LIFE_MS = 30 * DAY_MS;

const MODULUS_BITS = 2048;
const SERIAL_BYTES = 16;

/** Both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const makeKeys = promisify(generateKeyPair);

export async function makeAuthority(nowMs: number): Promise<KeyPair> {
  // The serial tells apart authorities that are trusted at the same time.
  const serial = newSerial();
  const name = [{ name: 'commonName', value: `penstock-webhook authority ${serial.slice(0, 12)}` }];
  return issue({
    serial,
    subject: name,
    issuer: { name, key: null },
    madeAtMs: nowMs,
    lifeMs: AUTHORITY_LIFE_MS,
    extensions: [
      { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
      { name: 'subjectKeyIdentifier' },
    ],
  });
}

/** `hosts` are the DNS names by which it will be called; the first also names the certificate. */
export async function makeServing(
  authority: KeyPair,
  hosts: readonly string[],
  nowMs: number,
): Promise<KeyPair> {
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  return issue({
    serial: newSerial(),
    // RFC 5280 bounds a common name to 64 characters; readers go by the alternative names.
    subject: [{ name: 'commonName', value: (hosts[0] ?? '').slice(0, 64) }],
    issuer: { name: issuer.subject.attributes, key: authority.key },
    madeAtMs: nowMs,
    lifeMs: SERVING_LIFE_MS,
    extensions: [
      { name: 'basicConstraints', critical: true, cA: false },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: DNS_NAME, value })) },
    ],
  });
}

/** Of the kinds of names in RFC 5280, section 4.2.1.6. */
const DNS_NAME = 2;

interface Request {
  readonly serial: string;
  readonly subject: forge.pki.CertificateField[];
  /** No key: signed by itself. */
  readonly issuer: { readonly name: forge.pki.CertificateField[]; readonly key: string | null };
  readonly madeAtMs: number;
  readonly lifeMs: number;
  readonly extensions: object[];
}

async function issue(request: Request): Promise<KeyPair> {
  const keys = await makeKeys('rsa', {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = request.serial;
  certificate.validity.notBefore = new Date(request.madeAtMs - BACKDATED_MS);
  certificate.validity.notAfter = new Date(request.madeAtMs + request.lifeMs);
  certificate.setSubject(request.subject);
  certificate.setIssuer(request.issuer.name);
  certificate.setExtensions(request.extensions);
  const signingKey = forge.pki.privateKeyFromPem(request.issuer.key ?? keys.privateKey);
  certificate.sign(signingKey, forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll('\r', ''), key: keys.privateKey };
}

function newSerial(): string {
  return serialOf(randomBytes(SERIAL_BYTES));
}

/**
 * Hexadecimal, of the length of the bytes. The first byte is from 0x40 to 0x7f: positive, and in
 * the shortest form, which X.690 (8.3.2) asks for and OpenSSL insists on. node-forge writes what
 * it is given, so one serial in 512 used to make a certificate that nobody could read.
 */
export function serialOf(bytes: Uint8Array): string {
  const [first = 0, ...rest] = bytes;
  return Buffer.from([(first & 0x3f) | 0x40, ...rest]).toString('hex');
}
