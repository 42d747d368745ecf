/**
 * A YAML file as a tree of fields that know where they are, so that whatever is wrong is
 * said with line, column and path. Exactly one document, of bounded size, without
 * repeated keys and without aliases that blow it up.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import { CodedError, type ErrorCode } from '../../../core/errors/catalogue.ts';

export const FILE_LIMIT_BYTES = 1024 * 1024;
/** Anchors are used to share a few steps; more expansions than this are an attack or a mistake. */
const ALIAS_LIMIT = 100;

/** A message is for a person: the longest lists of names are cut. */
const MESSAGE_LENGTH = 600;
const KEY_LENGTH = 100;

export type Path = readonly (string | number)[];

export class Source {
  readonly #fileName: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(fileName: string, document: Document, lines: LineCounter) {
    this.#fileName = fileName;
    this.#document = document;
    this.#lines = lines;
  }

  /** `file:line:column` of the field, or of the nearest one around it that is in the file. */
  place(path: Path): string {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) {
        return this.#at(node.range[0]);
      }
    }
    return this.#fileName;
  }

  /** `file:line:column` of the key itself, where it is the key that is wrong. */
  keyPlace(path: Path): string {
    const parent = this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return this.place(path);
    const key = parent.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key;
    return isNode(key) && key.range ? this.#at(key.range[0]) : this.place(path);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#fileName}:${line}:${col}`;
  }

  error(code: ErrorCode, path: Path, message: string): CodedError {
    return this.#error(code, path, `${this.place(path)}: `, message);
  }

  keyError(code: ErrorCode, path: Path, message: string): CodedError {
    return this.#error(code, path, `${this.keyPlace(path)}: `, message);
  }

  #error(code: ErrorCode, path: Path, place: string, message: string): CodedError {
    const field = pathText(path);
    const text = oneLine(`${place}${field === '' ? '' : `${field}: `}${message}`);
    return new CodedError(code, text, field === '' ? {} : { field });
  }
}

export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

export interface ParsedFile {
  readonly source: Source;
  readonly value: unknown;
}

export function parseFile(text: string, fileName: string): ParsedFile {
  const bytes = Buffer.byteLength(text);
  if (bytes > FILE_LIMIT_BYTES) {
    throw new CodedError(
      'yaml-invalid',
      `${fileName}: has ${bytes} bytes; ${FILE_LIMIT_BYTES} (1 MiB) are allowed`,
    );
  }
  const lines = new LineCounter();
  const document = onlyDocument(text, fileName, lines);
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    const { line, col } = lines.linePos(mistake.pos[0]);
    const why =
      mistake.code === 'DUPLICATE_KEY'
        ? `the key ${keyAt(text, mistake.pos[0])} is there twice in one mapping`
        : yamlReason(mistake);
    throw new CodedError('yaml-invalid', `${fileName}:${line}:${col}: ${why}`);
  }
  return { source: new Source(fileName, document, lines), value: plain(document, fileName) };
}

function onlyDocument(text: string, fileName: string, lines: LineCounter): Document {
  const documents = composed(text, fileName, lines);
  const filled = documents.filter((document) => document.contents !== null || document.errors.length > 0);
  const [document] = filled;
  if (document === undefined) {
    throw new CodedError('yaml-invalid', `${fileName}: is empty; it must hold one Pipeline or PipelineRun`);
  }
  if (filled.length > 1) {
    const message = `${fileName}: holds ${filled.length} documents; it must hold one Pipeline or PipelineRun`;
    throw new CodedError('yaml-invalid', message);
  }
  return document;
}

function composed(text: string, fileName: string, lines: LineCounter): readonly Document[] {
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    return Array.isArray(documents) ? documents : [];
  } catch (cause) {
    // The parser recurses: nesting some thousand levels deep ends its stack.
    throw new CodedError('yaml-invalid', `${fileName}: cannot be parsed: it is nested too deeply`, { cause });
  }
}

function plain(document: Document, fileName: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIAS_LIMIT });
  } catch (cause) {
    const why = cause instanceof Error ? yamlReason(cause) : String(cause);
    throw new CodedError('yaml-invalid', `${fileName}: ${why}`, { cause });
  }
}

/** The parser's own words, except where they would not help. */
function yamlReason(error: Error): string {
  if (error.message.startsWith('Excessive alias count')) {
    return `its aliases expand to more than ${ALIAS_LIMIT} nodes`;
  }
  return /call stack/.test(error.message) ? 'it is nested too deeply' : oneLine(error.message);
}

function keyAt(text: string, offset: number): string {
  return JSON.stringify(/^[^\s:]*/.exec(text.slice(offset, offset + KEY_LENGTH))?.[0] ?? '');
}

function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
  return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH)}...` : line;
}
