/** JSON in pieces, cut at every place, is the JSON it was. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonItems, JsonLines } from '../../../../src/adapters/tekton/kubernetes/reflector/json-stream.ts';

function cut(text: string, sizes: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

const SIZES = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
const OBJECTS = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });

test('the items of a list and the list around them, wherever it is cut', () => {
  fc.assert(
    fc.property(
      OBJECTS,
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.boolean(),
      SIZES,
      (items, rest, isSpaced, sizes) => {
        const list = { a: '"items":[{', ...rest, items, metadata: { items: [1], continue: '' } };
        const splitter = new JsonItems();
        const text = JSON.stringify(list, null, isSpaced ? 1 : 0);
        const read = cut(text, sizes).flatMap((chunk) => [...splitter.push(chunk)]);
        expect(read.map((item) => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(items)));
        expect(splitter.end()).toEqual(JSON.parse(JSON.stringify({ ...list, items: [] })));
      },
    ),
  );
});

test('a list that is cut off has no end', () => {
  const splitter = new JsonItems();
  const items = [...splitter.push(Buffer.from('{"items":[{"a":1},{"b"'))];
  expect(items).toEqual(['{"a":1}']);
  expect(() => splitter.end()).toThrow();
});

test('lines, wherever they are cut, and what is left of the last', () => {
  fc.assert(
    fc.property(OBJECTS, SIZES, fc.boolean(), (objects, sizes, hasRest) => {
      const lines = objects.map((object) => JSON.stringify(object));
      const text = lines.map((line) => `${line}\n`).join('') + (hasRest ? '{"a' : '');
      const splitter = new JsonLines();
      expect(cut(text, sizes).flatMap((chunk) => [...splitter.push(chunk)])).toEqual(lines);
      expect(splitter.hasRest).toBe(hasRest);
    }),
  );
});
