#!/usr/bin/env node
// The way in. Runs the sources in a clone and the compiled JavaScript in an installed package.
import './check-node.js';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

enableCompileCache();
const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
