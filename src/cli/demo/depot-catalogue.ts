/**
 * What the demo's depot holds and how slow it is, as `depot.yaml` of the example workspace says.
 *
 * Always true: how long a transfer takes depends only on the seed, the name and the run, so a
 * try again after a restart takes as long as the first would have; and the same name always
 * has the same bytes, so the projects can carry its checksum.
 */
import { z } from 'zod';
import { normal } from '../../core/random/normal.ts';
import { randomStream } from '../../core/random/random.ts';

const pace = {
  seconds: z.number().positive().max(60),
  spread: z.number().min(0).max(1),
};

export const catalogueSchema = z.strictObject({
  downloads: z.record(
    z.string(),
    z.strictObject({
      ...pace,
      kib: z.int().min(1).max(1024),
      cached: z
        .strictObject({ chance: z.number().min(0).max(1), seconds: z.number().positive().max(60) })
        .optional(),
    }),
  ),
  uploads: z.record(z.string(), z.strictObject(pace)),
});

export type DepotCatalogue = z.infer<typeof catalogueSchema>;
export type Download = DepotCatalogue['downloads'][string];
export type Upload = DepotCatalogue['uploads'][string];

/** The slowest and quickest a transfer may be, of its typical time: no run comes near its timeout by bad luck. */
const SLOWEST = 1.6;
const QUICKEST = 0.6;

export interface Transfer {
  readonly seed: number;
  readonly name: string;
  readonly run: string;
}

export function transferMs(pace: Download | Upload, transfer: Transfer): number {
  const random = randomStream(transfer.seed, `depot ${transfer.name} ${transfer.run}`);
  const cached = 'cached' in pace ? pace.cached : undefined;
  const typicalSeconds =
    cached !== undefined && random.next() < cached.chance ? cached.seconds : pace.seconds;
  const factor = Math.exp(normal(random) * pace.spread);
  return Math.round(typicalSeconds * 1000 * Math.min(SLOWEST, Math.max(QUICKEST, factor)));
}

/** Numbered lines with a random word each: something that can be counted, compared and checked. */
export function contentOf(name: string, kib: number): Buffer {
  const random = randomStream(0, `content of ${name}`);
  const lines: string[] = [];
  let bytes = 0;
  for (let number = 1; bytes < kib * 1024; number += 1) {
    const word = Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const line = `${name} ${String(number).padStart(5, '0')} ${word}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join(''));
}
