/** A token that was just made, and the lines by which `penstock.yaml` knows it. */
import { stringify } from 'yaml';

export interface TokenEntry {
  readonly name: string;
  readonly role: 'viewer' | 'owner' | 'admin';
  readonly projects?: 'all' | readonly string[];
  readonly sees?: 'all' | readonly string[];
  readonly sha256: string;
}

export function tokenText(token: string, entry: TokenEntry): string {
  return [
    'The token; it is not shown again and stored nowhere:',
    '',
    `  ${token}`,
    '',
    "For the server's penstock.yaml, which is read when it starts:",
    '',
    'access:',
    '  tokens:',
    entryLines(entry),
    '',
    'Keep the token in a file that only you can read, and name that with --token-file.',
  ].join('\n');
}

/** As an entry of `access.tokens`, indented as such. */
export function entryLines(entry: TokenEntry): string {
  const lines = stringify([entry]).trimEnd().split('\n');
  return lines.map((line) => `    ${line}`).join('\n');
}
