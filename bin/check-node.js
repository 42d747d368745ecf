// Plain JavaScript that any Node.js understands: says what to do when this one is too old.
// Only `penstock --help` and `penstock --version` answer all the same, from files that the
// build wrote, because that is what somebody tries first.
import { existsSync, readFileSync } from 'node:fs';

const oldest = 24;

function fromPackage(name) {
  return new URL(`../${name}`, import.meta.url);
}

function answerWithoutRunning(argument) {
  const help = fromPackage('dist/help.txt');
  if (argument === '--version' || argument === '-V') {
    return `${JSON.parse(readFileSync(fromPackage('package.json'), 'utf8')).version}\n`;
  }
  if ((argument === '--help' || argument === '-h') && existsSync(help)) return readFileSync(help, 'utf8');
  return null;
}

if (Number.parseInt(process.versions.node, 10) < oldest) {
  const isClone = existsSync(fromPackage('package-lock.json'));
  const remedy = isClone
    ? 'run "npm ci" (without ignore-scripts: a script brings Node.js 24 along), then "npm start", "npm test" or "npx penstock"'
    : `install Node.js ${oldest}, for this folder alone by "npm install node@${oldest}", then "npx penstock"`;
  process.stderr.write(
    `Penstock needs Node.js ${oldest} or newer and this is ${process.version}: ${remedy}.\n`,
  );
  const isPenstock = /penstock(\.js)?$/.test(process.argv[1] ?? '');
  const answer = isPenstock && process.argv.length === 3 ? answerWithoutRunning(process.argv[2]) : null;
  if (answer !== null) process.stdout.write(answer);
  process.exit(answer === null ? 1 : 0);
}
