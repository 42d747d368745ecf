/** How much history of each policy is kept, as `penstock.yaml` has it. */
import { duration, mapping, wholeNumber } from '../documents/schema-parts.ts';

const DAY_MS = 86_400_000;

export const HISTORY_SCHEMA = mapping({
  keep: duration(DAY_MS, 3_650 * DAY_MS).prefault('400d'),
  perPolicy: wholeNumber(1, 100_000).default(20_000),
}).transform(({ keep, perPolicy }) => ({ keepMs: keep, perPolicy }));
