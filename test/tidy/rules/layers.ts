/**
 * Dependencies point one way: core <- ports <- app <- adapters, api, cli <- compose.
 * Each area lists what it may import besides itself; whatever is not listed is forbidden.
 */
import { eachFile, fileOf, isTypeScript, type Rule, type Violation } from '../rule.ts';
import { resolved, type SourceFile, syntaxOf } from '../source-files.ts';

interface Area {
  /** Folders and files, ending in `/` or `.ts`; the first area that matches a path is its area. */
  readonly paths: readonly string[];
  readonly mayImport: readonly string[];
  /** Packages and Node's own modules; null means any that package.json lists. */
  readonly packages: readonly string[] | null;
}

const SHARED_BY_ADAPTERS = ['src/core/', 'src/ports/', 'src/app/', 'src/documents/'];

const AREAS: readonly Area[] = [
  // What time zones do is data that changes by law; one module of the core asks a library (ADR 40).
  { paths: ['src/core/schedule/time-zone.ts'], mayImport: ['src/core/'], packages: ['temporal-polyfill'] },
  { paths: ['src/core/'], mayImport: [], packages: [] },
  { paths: ['src/ports/'], mayImport: ['src/core/'], packages: [] },
  { paths: ['src/app/'], mayImport: ['src/core/', 'src/ports/'], packages: [] },
  { paths: ['src/documents/'], mayImport: ['src/core/'], packages: null },
  {
    paths: ['src/config/'],
    mayImport: ['src/core/', 'src/ports/', 'src/app/settings.ts', 'src/documents/'],
    packages: null,
  },
  { paths: ['src/api/'], mayImport: SHARED_BY_ADAPTERS, packages: null },
  {
    paths: ['src/cli/'],
    mayImport: [...SHARED_BY_ADAPTERS, 'src/api/', 'src/config/', 'src/compose.ts', 'src/compose/'],
    packages: null,
  },
  {
    paths: ['src/compose.ts', 'src/compose/'],
    mayImport: [...SHARED_BY_ADAPTERS, 'src/adapters/', 'src/api/', 'src/config/'],
    packages: null,
  },
  { paths: ['web/'], mayImport: ['src/api/contract.ts', 'src/api/contract/'], packages: null },
  {
    paths: ['sim/', 'test/', 'bench/', 'scripts/'],
    mayImport: ['src/', 'sim/', 'test/', 'bench/', 'scripts/'],
    packages: null,
  },
];

/** An adapter sees the app and itself, never another adapter. */
function adapterArea(path: string): Area | null {
  const own = /^src\/adapters\/[^/]+\//.exec(path)?.[0];
  return own === undefined ? null : { paths: [own], mayImport: SHARED_BY_ADAPTERS, packages: null };
}

function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

function areaOf(path: string): Area | null {
  return adapterArea(path) ?? AREAS.find((area) => within(path, area.paths)) ?? null;
}

function* misplacedImports(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  const area = areaOf(file.path);
  if (area === null) {
    yield { line: 1, message: 'belongs to no layer; put it in one, or give its folder a layer in layers.ts' };
    return;
  }
  for (const { specifier, line } of syntaxOf(file).imports) {
    const target = resolved(file.path, specifier);
    if (target === null) {
      if (area.packages === null || area.packages.includes(specifier)) continue;
      yield { line, message: `${area.paths[0]} must not import "${specifier}"; take it through a port` };
    } else if (!target.endsWith('.ts') && !/\.(json|js|mjs)$/.test(target)) {
      yield { line, message: `"${specifier}" must end in .ts` };
    } else if (!within(target, [...area.paths, ...area.mayImport])) {
      yield { line, message: `${area.paths[0]} must not import ${target}` };
    }
  }
}

export const layers: Rule = {
  name: 'layers: dependencies point one way',
  covers: (path) => isTypeScript(path) && /^(src|web|sim|test|bench|scripts)\//.test(path),
  check: eachFile(misplacedImports),
  planted: [
    [fileOf('src/core/admission/order.ts', `import { readFileSync } from 'node:fs';`)],
    [fileOf('src/core/admission/order.ts', `import { Temporal } from 'temporal-polyfill';`)],
    [fileOf('src/core/schedule/time-zone.ts', `import { readFileSync } from 'node:fs';`)],
    [fileOf('src/documents/yaml/read-yaml.ts', `import { loadConfig } from '../../config/load-config.ts';`)],
    [fileOf('src/core/admission/order.ts', `export type { Engine } from '../../ports/engine.ts';`)],
    [fileOf('src/ports/engine.ts', `export type Loop = import('../app/loop.ts').Loop;`)],
    [fileOf('src/app/loop.ts', `await import('../adapters/local/engine.ts');`)],
    [fileOf('src/adapters/local/engine.ts', `import { open } from '../sql/store.ts';`)],
    [fileOf('src/cli/main.ts', `import { open } from '../adapters/sql/store.ts';`)],
    [fileOf('src/config/load.ts', `import type { RunView } from '../app/views.ts';`)],
    [fileOf('src/elsewhere/thing.ts', `export const thing = 1;`)],
    [fileOf('src/app/loop.ts', `import { decide } from '../core/admission/decide';`)],
  ],
  clean: [
    fileOf('src/app/loop.ts', `import { decide } from '../core/admission/decide.ts';`),
    fileOf(
      'src/adapters/sql/store.ts',
      `import { Kysely } from 'kysely';\nimport { rows } from './rows.ts';`,
    ),
    fileOf('src/core/schedule/time-zone.ts', `import { Temporal } from 'temporal-polyfill';`),
    fileOf('src/compose.ts', `import { open } from './adapters/sql/store.ts';`),
  ],
};
