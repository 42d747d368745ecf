/**
 * Reads YAML whose author may have made any mistake, or mean harm, and remembers where in the
 * file each value stands. The one reader for configuration, pipelines and policies.
 *
 * Always true: size, nesting, aliases and what they unfold to are bounded, and so is the time;
 * nothing is thrown for what stands in the text: mistakes are values, each with its place.
 */
import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import { type Dialect, dialectOptions, foreignTo } from './dialect.ts';
import { type Path, type Place, Places } from './places.ts';

export const TEXT_BYTES_MAX = 1_048_576;
/** Anchors share a few values. The library's time grows with anchors times aliases. */
const ALIASES_MAX = 200;
/** What one alias may unfold to through others: more is an attack or a mistake. */
const EXPANSIONS_MAX = 100;
/** Open collections at once; the deepest real file has a dozen. Beyond it the parser's time is quadratic. */
const DEPTH_MAX = 200;
/** Words, marks, spaces and line ends. The library's time grows with them, most of all where they are wrong. */
const LEXEMES_MAX = 500_000;
/** More than one finds interesting. */
const MISTAKES_MAX = 100;

export interface YamlMistake {
  /** Null: the file as a whole. */
  readonly place: Place | null;
  readonly message: string;
  /** A key that is there twice: GitLab takes the last. */
  readonly isRepeatedKey: boolean;
}

export interface YamlDocument {
  readonly value: unknown;
  /** Where the key at the path stands, or the item of a list; else the nearest thing around it that is there. */
  keyPlace(path: Path): Place;
  /** Where the value at the path stands, else the nearest thing around it that is there. */
  valuePlace(path: Path): Place;
}

export interface YamlReading {
  /** Those that are not empty; none where the text cannot be parsed at all. */
  readonly documents: readonly YamlDocument[];
  /** In the order of the file. */
  readonly mistakes: readonly YamlMistake[];
}

export function readYaml(text: string, dialect: Dialect = 'yaml-1.2'): YamlReading {
  const bytes = Buffer.byteLength(text);
  if (bytes > TEXT_BYTES_MAX) {
    return failed(`has ${bytes} bytes; ${TEXT_BYTES_MAX} (1 MiB) are allowed`);
  }
  const lines = new LineCounter();
  const composed = compose(text, lines, dialect);
  if (typeof composed === 'string') return failed(composed);
  const mistakes: YamlMistake[] = [];
  const documents: YamlDocument[] = [];
  for (const document of composed) {
    if (isEmpty(document) && document.errors.length === 0) continue;
    const found = [...mistakesIn(document, text, lines, dialect)];
    mistakes.push(...found.slice(0, MISTAKES_MAX - mistakes.length));
    if (found.some(({ isRepeatedKey }) => !isRepeatedKey)) continue;
    try {
      const value: unknown = document.toJS({ maxAliasCount: EXPANSIONS_MAX });
      documents.push(new ReadDocument(value, new Places(document, lines)));
    } catch (cause) {
      mistakes.push(mistake(null, unfolded(cause)));
    }
  }
  return { documents, mistakes };
}

class ReadDocument implements YamlDocument {
  readonly value: unknown;
  readonly #places: Places;

  constructor(value: unknown, places: Places) {
    this.value = value;
    this.#places = places;
  }

  keyPlace(path: Path): Place {
    return this.#places.ofKey(path);
  }

  valuePlace(path: Path): Place {
    return this.#places.ofValue(path);
  }
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
}

function failed(message: string): YamlReading {
  return { documents: [], mistakes: [mistake(null, message)] };
}

function mistake(place: Place | null, message: string, isRepeatedKey = false): YamlMistake {
  return { place, message, isRepeatedKey };
}

/** The documents, or why there are none. */
function compose(text: string, lines: LineCounter, dialect: Dialect): readonly Document[] | string {
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, ...dialectOptions(dialect) });
  try {
    return Array.from(composer.compose(tokens(text, lines), false, text.length));
  } catch (cause) {
    if (cause instanceof TooMuch) return cause.message;
    throw cause;
  }
}

class TooMuch extends Error {}

function* tokens(text: string, lines: LineCounter) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    lexemes += 1;
    if (parser.stack.length > DEPTH_MAX) throw new TooMuch('is nested too deeply');
    if (lexemes > LEXEMES_MAX) throw new TooMuch(`has more than ${LEXEMES_MAX} words and marks; split it`);
  }
  yield* parser.end();
}

function* mistakesIn(
  document: Document,
  text: string,
  lines: LineCounter,
  dialect: Dialect,
): Generator<YamlMistake> {
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // A tag that nobody resolves is a warning of the library's; the value would be wrong.
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    yield mistake(placeAt(pos[0]), oneLine(message));
  }
  if (document.errors.length > 0) return;
  yield* mistakesInNodes(document, text, placeAt, dialect);
}

function mistakesInNodes(
  document: Document,
  text: string,
  placeAt: (offset: number) => Place,
  dialect: Dialect,
): readonly YamlMistake[] {
  const found: YamlMistake[] = [];
  let aliases = 0;
  visit(document, {
    Alias: (_, node, around) => {
      aliases += 1;
      // What it stands for would have no end.
      if (around.some((outer) => isCollection(outer) && outer.anchor === node.source)) {
        found.push(
          mistake(placeAt(node.range?.[0] ?? 0), `*${node.source} stands inside what it stands for`),
        );
      }
      if (aliases <= ALIASES_MAX) return undefined;
      found.push(mistake(null, `has more than ${ALIASES_MAX} aliases`));
      return visit.BREAK;
    },
    Scalar: (_, node) => {
      const why = foreignTo(dialect, node, text);
      if (why !== null) found.push(mistake(placeAt(node.range?.[0] ?? 0), why));
    },
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const offset = (isScalar(key) || isAlias(key) || isMap(key)) && key.range ? key.range[0] : 0;
        if (!isScalar(key) || (typeof key.value === 'object' && key.value !== null)) {
          found.push(mistake(placeAt(offset), 'a key must be a plain word or text'));
          continue;
        }
        const name = String(key.value);
        // Objects cannot hold this key as others; it would vanish without a word.
        if (name === '__proto__') found.push(mistake(placeAt(offset), '__proto__ cannot be a key'));
        if (seen.has(name)) {
          const message = `the key ${JSON.stringify(name.slice(0, 100))} is there twice in one mapping`;
          found.push(mistake(placeAt(offset), message, true));
        }
        seen.add(name);
      }
    },
  });
  return found;
}

function unfolded(cause: unknown): string {
  if (cause instanceof ReferenceError && cause.message.startsWith('Excessive alias count')) {
    return `has aliases that expand to more than ${EXPANSIONS_MAX} nodes`;
  }
  return cause instanceof ReferenceError ? oneLine(cause.message) : 'is nested too deeply';
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 300);
}
