/**
 * Reads a YAML file whose author may have made any mistake, and remembers where in the file
 * each value stands.
 *
 * Always true: size, nesting and what aliases unfold to are bounded; a key may stand only
 * once; every failure is a CodedError with one line that names the file and, where there is
 * one, the line.
 */
import { readFile, stat } from 'node:fs/promises';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { CodedError } from '../core/errors/catalogue.ts';

const BYTES_MAX = 1_048_576;
const ALIASES_MAX = 100;
/** Only for looking up positions: no configuration is deeper. */
const DEPTH_MAX = 20;

export type Path = readonly (string | number)[];

export interface YamlFile {
  readonly value: unknown;
  /** The line of the value at `path`, or of the nearest thing around it that is there. */
  lineOf(path: Path): number;
}

/** `label` is how messages name the file. */
export async function readYamlFile(path: string, label: string): Promise<YamlFile> {
  return parseYaml(await readText(path, label), label);
}

async function readText(path: string, label: string): Promise<string> {
  let bytes: Buffer;
  try {
    const found = await stat(path);
    if (!found.isFile())
      throw new CodedError('file-unreadable', `${label}: is not a file; name a YAML file.`);
    if (found.size > BYTES_MAX) throw tooLarge(label, found.size);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw readError(label, cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError('yaml-invalid', `${label}: is not UTF-8 text; save it as UTF-8.`, { cause });
  }
}

function tooLarge(label: string, size: number): CodedError {
  return new CodedError(
    'config-invalid',
    `${label}: has ${size} bytes; a configuration may have ${BYTES_MAX}.`,
  );
}

function readError(label: string, cause: unknown): CodedError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new CodedError('file-not-found', `${label}: there is no such file; check --config.`, { cause });
  }
  return new CodedError('file-unreadable', `${label}: cannot be read (${code}).`, { cause });
}

function parseYaml(text: string, label: string): YamlFile {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
      // Anything quieter would also keep quiet about a second document in the file.
      logLevel: 'error',
    });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const { line, col } = lines.linePos(problem.pos[0]);
      throw new CodedError('yaml-invalid', `${label}:${line}:${col}: ${oneLine(problem.message)}.`);
    }
    refuseDangerousKeys(document, lines, label);
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { value, lineOf: (path) => lines.linePos(offsetOf(document, path)).line };
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    // Aliases that unfold to too much, and nesting deeper than the stack.
    const what = cause instanceof ReferenceError ? oneLine(cause.message) : 'is nested too deeply';
    throw new CodedError('yaml-invalid', `${label}: ${what}.`, { cause });
  }
}

/** Objects cannot hold this key as others; it would vanish without a word. */
function refuseDangerousKeys(document: Document, lines: LineCounter, label: string): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      const { line, col } = lines.linePos(startOf(key) ?? 0);
      throw new CodedError('yaml-invalid', `${label}:${line}:${col}: __proto__ cannot be a key.`);
    },
  });
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 300);
}

/** Where the key of the value stands, or the item of a list. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path.slice(0, DEPTH_MAX)) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(isPair(node) ? node.key : node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | null {
  return isNode(node) && node.range ? node.range[0] : null;
}
