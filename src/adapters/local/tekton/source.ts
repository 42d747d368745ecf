/**
 * A YAML file as a tree of fields that know where they are, so that whatever is wrong is
 * said with line, column and path. Exactly one document, of bounded size, without
 * repeated keys and without aliases that blow it up.
 */
import { CodedError, type ErrorCode } from '../../../core/errors/catalogue.ts';
import type { Path, Place } from '../../../documents/yaml/places.ts';
import { readYaml, type YamlDocument } from '../../../documents/yaml/read-yaml.ts';

/** A message is for a person: the longest lists of names are cut. */
const MESSAGE_LENGTH = 600;

export class Source {
  readonly #fileName: string;
  readonly #document: YamlDocument;

  constructor(fileName: string, document: YamlDocument) {
    this.#fileName = fileName;
    this.#document = document;
  }

  /** `file:line:column` of the field, or of the nearest one around it that is in the file. */
  place(path: Path): string {
    return this.#at(this.#document.valuePlace(path));
  }

  /** `file:line:column` of the key itself, where it is the key that is wrong. */
  keyPlace(path: Path): string {
    return this.#at(this.#document.keyPlace(path));
  }

  #at({ line, column }: Place): string {
    return `${this.#fileName}:${line}:${column}`;
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
  const { documents, mistakes } = readYaml(text);
  const [mistake] = mistakes;
  if (mistake !== undefined) {
    const place = mistake.place === null ? '' : `:${mistake.place.line}:${mistake.place.column}`;
    throw new CodedError('yaml-invalid', `${fileName}${place}: ${mistake.message}`);
  }
  const [document] = documents;
  if (document === undefined) {
    throw new CodedError('yaml-invalid', `${fileName}: is empty; it must hold one Pipeline or PipelineRun`);
  }
  if (documents.length > 1) {
    const message = `${fileName}: holds ${documents.length} documents; it must hold one Pipeline or PipelineRun`;
    throw new CodedError('yaml-invalid', message);
  }
  return { source: new Source(fileName, document), value: document.value };
}

function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ');
  return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH)}...` : line;
}
