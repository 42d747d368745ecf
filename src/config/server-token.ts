/**
 * The token that a command shows to a server: from its options, a variable or a file. Files
 * and variables are what to use; on the command line everybody on the machine can see it.
 */
import { CodedError } from '../core/errors/catalogue.ts';
import { readTextFile } from '../documents/text-file.ts';

const TOKEN_BYTES_MAX = 16_384;

/** Null where none is given. @throws CodedError if its file cannot be read or holds no token */
export async function serverToken(
  options: { readonly token?: string; readonly tokenFile?: string },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | null> {
  const { token, tokenFile } = options;
  if (token !== undefined) return checked(token, '--token');
  if (tokenFile !== undefined) return inFile(tokenFile, '--token-file');
  if (given(env.PENSTOCK_TOKEN)) return checked(env.PENSTOCK_TOKEN, 'PENSTOCK_TOKEN');
  if (given(env.PENSTOCK_TOKEN_FILE)) return inFile(env.PENSTOCK_TOKEN_FILE, 'PENSTOCK_TOKEN_FILE');
  return null;
}

function given(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

async function inFile(path: string, where: string): Promise<string> {
  const label = `${where}: ${path}`;
  const remedy = '"penstock token create --out FILE" makes one';
  return checked(await readTextFile(path, label, remedy, TOKEN_BYTES_MAX), label);
}

/** What is no token is not repeated: it may be a part of one. */
function checked(text: string, where: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CodedError('usage', `${where}: holds no token: it must be one line of printable characters.`, {
    field: 'token',
  });
}
