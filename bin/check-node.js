// Plain JavaScript that any Node.js understands: says what to do when this one is too old.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Penstock needs Node.js 24 or newer; this is ${process.version}.\n` +
      'In a clone, "npm ci" brings it along for npm scripts: use "npm start", "npm test", or "npx penstock ...",\n' +
      'and do not set ignore-scripts, which leaves it out.\n',
  );
  process.exit(1);
}
