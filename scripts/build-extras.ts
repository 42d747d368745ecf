/**
 * The part of `npm run build` that the compiler does not do: files of src/ that are not
 * TypeScript go to dist/ as they are, and the help text is written down, for a Node.js
 * that is too old to run the program it describes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');
const target = join(root, 'dist');

const others = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1));
for (const path of others) cpSync(join(source, path), join(target, path));

const help = spawnSync(process.execPath, [join(root, 'bin', 'penstock.js'), '--help'], { encoding: 'utf8' });
if (help.status !== 0 || !help.stdout.includes('penstock')) {
  process.stderr.write(`penstock --help failed, so the package would have none:\n${help.stderr}`);
  process.exitCode = 1;
} else {
  writeFileSync(join(target, 'help.txt'), help.stdout);
  process.stdout.write(`build: ${others.length} other files copied, help written\n`);
}
