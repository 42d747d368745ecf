/** Renews the table of clock changes in the guide: npm run docs:clock-changes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from './clock-changes/table.ts';

const guide = join(import.meta.dirname, '..', 'docs', 'guides', 'policies.md');
writeFileSync(guide, withTable(readFileSync(guide, 'utf8')));
