/**
 * Tokens as people hold them, and as `penstock.yaml` knows them: only their SHA-256. A token
 * is 256 random bits, which nobody guesses, so that a slow hash with salt would protect
 * nothing that a fast one does not.
 */
import { randomBytes } from 'node:crypto';
import { sha256 } from './sha256.ts';

/** Says whose it is where one is found lying about, and lets scanners for secrets find it. */
const PREFIX = 'penstock_';
const RANDOM_BYTES = 32;
const TOKEN = /^penstock_[A-Za-z0-9_-]{43}$/;

export function newToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

/** Whether it has the form of one of ours; whose it is, and whether it is anybody's, is another matter. */
export function isPenstockToken(text: string): boolean {
  return TOKEN.test(text);
}

/** In lower-case hex. */
export function tokenHash(token: string): string {
  return sha256(token);
}
