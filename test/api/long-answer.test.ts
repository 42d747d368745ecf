/** A long answer in parts is the JSON of the whole. */
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { longAnswer } from '../../src/api/long-answer.ts';

const schema = z.object({
  name: z.string(),
  runs: z.array(z.object({ id: z.string(), atMs: z.number() })),
  rest: z.object({ runs: z.array(z.number()) }),
});

function view(runs: number) {
  const all = Array.from({ length: runs }, (_, nth) => ({ id: `"runs":[] ${nth}`, atMs: nth }));
  return { name: 'said "runs":[] so', runs: all, rest: { runs: [] } };
}

function inParts(whole: ReturnType<typeof view>): Promise<string> {
  return text(longAnswer({ schema, listSchema: schema.shape.runs, view: whole, list: 'runs' }));
}

test.each([0, 1, 250, 251, 1_234])('of %i entries', async (count) => {
  const answer = await inParts(view(count));
  expect(answer).toBe(JSON.stringify(view(count)));
});

test('what the schema does not know stays here, also within the list', async () => {
  const more = { ...view(0), secret: 1, runs: [{ id: 'a', atMs: 1, secret: 2 }] };
  expect(await inParts(more)).not.toContain('secret');
});
