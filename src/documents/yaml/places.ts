/** Where in a YAML text the values of a document stand, by their path; aliases are followed. */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type LineCounter } from 'yaml';

export type Path = readonly (string | number)[];

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Only for looking up positions: no path of ours is longer. */
const STEPS_MAX = 100;

export class Places {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  ofKey(path: Path): Place {
    return this.#at(this.#find(path).key);
  }

  ofValue(path: Path): Place {
    return this.#at(this.#find(path).value);
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #find(path: Path): { readonly key: number; readonly value: number } {
    let node: unknown = this.#document.contents;
    let value = startOf(node) ?? 0;
    let key = value;
    for (const step of path.slice(0, STEPS_MAX)) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        // The last of equal keys is the one that counts.
        const pair = node.items.findLast(
          (item) => isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (pair === undefined) return { key, value };
        key = startOf(pair.key) ?? key;
        node = pair.value;
        value = startOf(node) ?? key;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(step)];
        const offset = startOf(isPair(item) ? item.key : item);
        if (offset === null) return { key, value };
        key = offset;
        value = offset;
        node = item;
      } else return { key, value };
    }
    return { key, value };
  }
}

function startOf(node: unknown): number | null {
  return isNode(node) && node.range ? node.range[0] : null;
}
