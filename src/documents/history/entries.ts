/**
 * The rows of a history: CSV with a header; JSON, a list of objects; or JSON lines, in which
 * a line may also be a list, as pages of an API come. Told apart by the first character.
 *
 * Always true: CSV and JSON lines are read line by line; a JSON text over several lines is
 * read whole, and is bounded. What is no row is given with its reason, and reading goes on.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { isMapping } from '../schema-parts.ts';
import { fieldsOf } from '../table/rows.ts';
import { Entry } from './entry.ts';

export type FoundRow =
  | { readonly line: number; readonly entry: Entry }
  | { readonly line: number; readonly wrong: string };

const WHOLE_LENGTH_MAX = 256 * 1_048_576;

/** @throws CodedError where the text is none of the three */
export async function* rowsOf(
  lines: AsyncIterable<string> | Iterable<string>,
  label: string,
): AsyncGenerator<FoundRow> {
  let reader: CsvRows | JsonRows | null = null;
  let line = 0;
  for await (const raw of lines) {
    line += 1;
    // Texts that were not split by `linesOf` may begin with a byte order mark.
    const text = raw.replace(/^\uFEFF/, '').replace(/\r$/, '');
    if (text.trim() === '') continue;
    reader ??= /^\s*[[{]/.test(text) ? new JsonRows(label) : new CsvRows();
    yield* reader.take(text, line);
  }
  if (reader instanceof JsonRows) yield* reader.end();
}

class CsvRows {
  #header: readonly string[] | null = null;

  *take(text: string, line: number): Generator<FoundRow> {
    const fields = fieldsOf(text);
    if (this.#header === null) {
      this.#header = fields;
      return;
    }
    const header = this.#header;
    if (fields.length === header.length) {
      yield { line, entry: new Entry(header.map((name, place) => [name, fields[place] ?? ''])) };
      return;
    }
    yield { line, wrong: `has ${fields.length} fields, the header ${header.length}` };
  }
}

class JsonRows {
  readonly #label: string;
  /** Set once a line has turned out not to be JSON by itself: then all lines are one text. */
  #whole: string[] | null = null;
  #length = 0;
  #lines = 0;

  constructor(label: string) {
    this.#label = label;
  }

  *take(text: string, line: number): Generator<FoundRow> {
    if (this.#whole !== null) {
      this.#length += text.length + 1;
      if (this.#length > WHOLE_LENGTH_MAX) {
        throw invalid(this.#label, `is longer than ${WHOLE_LENGTH_MAX} characters; write one object a line.`);
      }
      this.#whole.push(text);
      return;
    }
    const value = parsed(text);
    if (value === undefined && this.#lines === 0) {
      this.#whole = [text];
      return;
    }
    this.#lines += 1;
    if (value === undefined) yield { line, wrong: 'is not JSON' };
    else yield* found(value, line);
  }

  *end(): Generator<FoundRow> {
    if (this.#whole === null) return;
    const value = parsed(this.#whole.join('\n'));
    if (value === undefined) throw invalid(this.#label, 'is neither JSON nor JSON lines.');
    yield* found(value, null);
  }
}

/** A list that was read whole has no lines: its items are counted instead. */
function* found(value: unknown, line: number | null): Generator<FoundRow> {
  const items = Array.isArray(value) ? value : [value];
  for (const [place, item] of items.entries()) {
    const at = line ?? place + 1;
    if (isMapping(item)) yield { line: at, entry: new Entry(Object.entries(item)) };
    else yield { line: at, wrong: 'is no object' };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(label: string, what: string): CodedError {
  return new CodedError('table-invalid', `${label}: ${what}`, { field: 'history' });
}
