/**
 * A process that stands for leadership in a PostgreSQL: `node stander.ts SETTINGS NAME BOUNDS`.
 * It prints, again and again, whether it leads and until when.
 */
import { writeSync } from 'node:fs';
import { PostgresLeadership } from '../../../../src/adapters/sql/postgres/leadership.ts';

const STDOUT = 1;
const EVERY_MS = 20;

const [settings = '', name = '', bounds = ''] = process.argv.slice(2);
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const leadership = new PostgresLeadership(JSON.parse(settings), { name, log, bounds: JSON.parse(bounds) });
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

setInterval(() => {
  const standing = leadership.standing();
  const text = standing.kind === 'leading' ? `leading ${standing.untilMs}` : 'following 0';
  writeSync(STDOUT, `${text}\n`);
}, EVERY_MS);
