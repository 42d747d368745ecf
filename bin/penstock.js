#!/usr/bin/env node
// The way in. Runs the sources in a clone and the compiled JavaScript in an installed package.
// Plain JavaScript, and nothing newer than Node.js 18 before the check: an old Node must get
// as far as being told so.
import { existsSync } from 'node:fs';
import './check-node.js';
import './inline-deeper.js';

const { enableCompileCache } = await import('node:module');
enableCompileCache();
const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
