/** What a run executes, told by its content and not by how that is written or how often it was seen. */
import { expect, test } from 'vitest';
import { ContentHashes } from '../../../../src/adapters/tekton/runs/content-hash.ts';
import { rawRun } from '../raw-run.ts';

const specOf = (pipelineSpec: object) => rawRun({ spec: { pipelineSpec } });

test('equal content has one hash, however its keys are ordered', () => {
  const hashes = new ContentHashes();
  const one = hashes.of(specOf({ tasks: [{ name: 'a', taskRef: { name: 't' } }], params: [] }));
  const same = hashes.of(specOf({ params: [], tasks: [{ taskRef: { name: 't' }, name: 'a' }] }));
  const other = hashes.of(specOf({ tasks: [{ name: 'b', taskRef: { name: 't' } }], params: [] }));
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

test('it is the same whether it was seen before, and after more contents than are remembered', () => {
  const hashes = new ContentHashes();
  const big = (nth: number) => specOf({ description: `${nth} ${'x'.repeat(40_000)}` });
  const first = Array.from({ length: 60 }, (_, nth) => hashes.of(big(nth)));
  const again = Array.from({ length: 60 }, (_, nth) => hashes.of(big(nth)));
  expect(again).toEqual(first);
  expect(new Set(first).size).toBe(60);
  expect(new ContentHashes().of(big(7))).toBe(first[7]);
  const huge = specOf({ description: 'x'.repeat(2_000_000) });
  expect(hashes.of(huge)).toBe(hashes.of(huge));
});
