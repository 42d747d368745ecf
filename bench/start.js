// The way into the benchmarks. Plain JavaScript, as bin/penstock.js is, for the same reason that it
// turns on Node's compile cache: from the second start of penstock on, and always in the
// installed package, what runs is JavaScript. Here a process before loads everything once,
// so the one that measures takes it from the cache.
//
// It matters: stripping types runs WebAssembly, whose memory grows and thereby detaches an
// array buffer. From the first one on V8 checks at each access to a typed array of that
// process whether it is still there, which costs the simulation about a tenth.
//
// And it compiles as penstock does: bin/inline-deeper.js is part of every process of a benchmark.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = join(import.meta.dirname, 'main.ts');
const inlineDeeper = pathToFileURL(join(import.meta.dirname, '..', 'bin', 'inline-deeper.js')).href;
const env = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${inlineDeeper}`,
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', 'node_modules', '.cache', 'bench'),
};
for (const args of [['--load'], process.argv.slice(2)]) {
  const { status } = spawnSync(process.execPath, [main, ...args], { env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status !== 0) break;
}
