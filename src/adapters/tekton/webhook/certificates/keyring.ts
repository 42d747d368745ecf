/**
 * What the Secret holds that all webhooks share: authorities and the serving certificate.
 *
 * Always true of a keyring that was read: every part can be parsed, keys belong to their
 * certificates, and the serving certificate is signed by the authority. A Secret of which that
 * cannot be said holds no keyring.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from './issue.ts';

export interface Keyring {
  /** Signs serving certificates. */
  readonly authority: KeyPair;
  readonly serving: KeyPair;
  /** Will sign them once everybody trusts it. */
  readonly next: KeyPair | null;
  /** Signed them before: still trusted, for those who have not seen the new ones yet. */
  readonly previous: string | null;
}

/** Base64, as in `data` of a Secret. */
export type SecretData = Readonly<Record<string, string>>;

/** The names under which tools expect a serving certificate (type kubernetes.io/tls), and our own. */
const FILES = {
  authority: { certificate: 'ca.crt', key: 'ca.key' },
  serving: { certificate: 'tls.crt', key: 'tls.key' },
  next: { certificate: 'next-ca.crt', key: 'next-ca.key' },
  previous: 'previous-ca.crt',
} as const;

/** In PEM, all authorities whose certificates may be met: what callers have to trust. */
export function trustBundle({ authority, next, previous }: Keyring): string {
  return [authority.certificate, next?.certificate ?? '', previous ?? ''].join('');
}

export function toSecretData(keyring: Keyring): SecretData {
  const { authority, serving, next, previous } = keyring;
  const texts = {
    [FILES.authority.certificate]: authority.certificate,
    [FILES.authority.key]: authority.key,
    [FILES.serving.certificate]: serving.certificate,
    [FILES.serving.key]: serving.key,
    ...(next === null ? {} : { [FILES.next.certificate]: next.certificate, [FILES.next.key]: next.key }),
    ...(previous === null ? {} : { [FILES.previous]: previous }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
}

/** Null when there is none, or one that cannot be used. */
export function fromSecretData(data: Readonly<Record<string, unknown>>): Keyring | null {
  const text = (name: string): string | null => {
    const value = data[name];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : null;
  };
  const pair = (files: { readonly certificate: string; readonly key: string }): KeyPair | null => {
    const [certificate, key] = [text(files.certificate), text(files.key)];
    return certificate !== null && key !== null && belongTogether(certificate, key)
      ? { certificate, key }
      : null;
  };
  const [authority, serving] = [pair(FILES.authority), pair(FILES.serving)];
  if (authority === null || serving === null) return null;
  if (!isSignedBy(serving.certificate, authority.certificate)) return null;
  const previous = text(FILES.previous);
  return {
    authority,
    serving,
    next: pair(FILES.next),
    previous: previous !== null && parsed(previous) !== null ? previous : null,
  };
}

export function parsed(certificate: string): X509Certificate | null {
  try {
    return new X509Certificate(certificate);
  } catch {
    return null;
  }
}

function belongTogether(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isSignedBy(certificate: string, authority: string): boolean {
  const [leaf, issuer] = [parsed(certificate), parsed(authority)];
  return leaf !== null && issuer !== null && leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey);
}
