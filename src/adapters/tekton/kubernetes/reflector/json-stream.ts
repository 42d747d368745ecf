/**
 * JSON that is read as it comes: the lines of a watch, and the items of a list, each on its
 * own. So no more than one object is ever in memory as a whole, however long the list.
 */

/** etcd takes objects of 1.5 MB; as JSON they may be some times that. */
const PIECE_BYTES_MAX = 16 * 1024 * 1024;
const ENVELOPE_BYTES_MAX = 1024 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** A piece of text that comes in parts. */
class Piece {
  #parts: Buffer[] = [];
  #bytes = 0;

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > PIECE_BYTES_MAX) throw new Error(`an object has more than ${PIECE_BYTES_MAX} bytes`);
    this.#parts.push(part);
  }

  /** With the last part; begins anew. */
  take(last: Buffer): string {
    if (this.#bytes === 0) return last.toString('utf8');
    this.add(last);
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#bytes = 0;
    return text;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }
}

export class JsonLines {
  readonly #rest = new Piece();

  /** The lines that this chunk completes. */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      const line = this.#rest.take(chunk.subarray(start, end));
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) this.#rest.add(chunk.subarray(start));
  }

  /** Something came of which the end is missing. */
  get hasRest(): boolean {
    return !this.#rest.isEmpty;
  }
}

/** Depth 1 is within the list object, depth 2 within its `items`. */
const IN_ITEMS = 2;

export class JsonItems {
  readonly #item = new Piece();
  #envelope = '';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isInItems = false;
  /** Where what is not yet taken of the present chunk begins. */
  #start = 0;

  /** The items that this chunk completes, each as JSON text. */
  *push(chunk: Buffer): Generator<string> {
    this.#start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#depth > IN_ITEMS && this.#isInItems) at = this.#passItem(chunk, at);
      const byte = chunk[at];
      if (byte === undefined) break;
      if (this.#isInString) this.#passText(byte);
      else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_MAP || byte === OPEN_LIST) this.#open(chunk, at, byte);
      else if ((byte === CLOSE_MAP || byte === CLOSE_LIST) && this.#closesItem(at)) {
        yield this.#item.take(chunk.subarray(this.#start, at + 1));
        this.#start = at + 1;
      }
    }
    if (!this.#isInItems) this.#keep(chunk.subarray(this.#start));
    else if (this.#depth > IN_ITEMS) this.#item.add(chunk.subarray(this.#start));
  }

  /** The list without its items, once all has come. Throws on what is no JSON. */
  end(): unknown {
    return JSON.parse(this.#envelope);
  }

  /**
   * Where the item under way closes, or the end of the chunk. Nearly all of a list is passed
   * here, so it is one loop over local variables, which takes half the time.
   */
  #passItem(chunk: Buffer, from: number): number {
    let depth = this.#depth;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    let at = from;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_MAP || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        if (depth === IN_ITEMS + 1) break;
        depth -= 1;
      }
    }
    this.#depth = depth;
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    return at;
  }

  #passText(byte: number | undefined): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }

  #open(chunk: Buffer, at: number, byte: number): void {
    this.#depth += 1;
    if (this.#isInItems) {
      if (this.#depth === IN_ITEMS + 1) this.#start = at;
      return;
    }
    if (this.#depth !== IN_ITEMS || byte !== OPEN_LIST) return;
    const before = this.#envelope + chunk.toString('utf8', this.#start, at);
    if (!/"items"\s*:\s*$/.test(before)) return;
    this.#keep(chunk.subarray(this.#start, at + 1));
    this.#isInItems = true;
  }

  #closesItem(at: number): boolean {
    this.#depth -= 1;
    if (!this.#isInItems) return false;
    if (this.#depth === IN_ITEMS) return true;
    if (this.#depth < IN_ITEMS) {
      this.#isInItems = false;
      this.#start = at;
    }
    return false;
  }

  #keep(part: Buffer): void {
    this.#envelope += part.toString('utf8');
    if (this.#envelope.length > ENVELOPE_BYTES_MAX) throw new Error('the list has no items');
  }
}
