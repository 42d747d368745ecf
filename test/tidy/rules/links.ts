/**
 * Links between documents lead somewhere: the file exists, and so does the heading.
 */
import { posix } from 'node:path';
import { fileOf, type Rule, type Violation } from '../rule.ts';
import { lineAt, type SourceFile } from '../source-files.ts';

function withoutCode(markdown: string): string {
  const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, blank).replaceAll(/`[^`\n]*`/g, blank);
}

/** Anchors as the usual forges make them from headings. */
function anchorsOf(file: SourceFile): ReadonlySet<string> {
  const withoutFences = file.text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const headings = [...withoutFences.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) => heading ?? '');
  const seen = new Map<string, number>();
  return new Set(
    headings.map((heading) => {
      const plain = heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const before = seen.get(plain) ?? 0;
      seen.set(plain, before + 1);
      return before === 0 ? plain : `${plain}-${before}`;
    }),
  );
}

function deadLinks(files: readonly SourceFile[]): readonly Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const folders = new Set(files.flatMap(({ path }) => ancestorsOf(path)));
  const dead: Violation[] = [];
  for (const file of files.filter(({ path }) => path.endsWith('.md'))) {
    for (const match of withoutCode(file.text).matchAll(/\]\(([^)\s]+)\)/g)) {
      const link = match[1] ?? '';
      if (/^[a-z]+:/.test(link)) continue;
      const [place = '', anchor] = link.split('#');
      const path = place === '' ? file.path : posix.normalize(posix.join(posix.dirname(file.path), place));
      const target = byPath.get(path);
      const exists = target !== undefined || folders.has(path.replace(/\/$/, ''));
      const anchored = anchor === undefined || (target !== undefined && anchorsOf(target).has(anchor));
      if (exists && anchored) continue;
      dead.push({
        path: file.path,
        line: lineAt(file, match.index),
        message: `the link ${link} leads nowhere`,
      });
    }
  }
  return dead;
}

function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

export const links: Rule = {
  name: 'links: those inside the repository lead somewhere',
  covers: () => true,
  check: deadLinks,
  planted: [
    [fileOf('README.md', 'See [the guide](docs/gone.md).')],
    [fileOf('README.md', 'See [below](#elsewhere).\n\n## Somewhere\n')],
    [fileOf('README.md', 'See [it](docs/a.md#b).'), fileOf('docs/a.md', '# A\n')],
  ],
  clean: [
    fileOf(
      'README.md',
      'See [it](docs/a.md#the-pools-first), [here](#top), [docs](docs/).\n# Top\n`[x](gone.md)`',
    ),
    fileOf('docs/a.md', '# A\n## The `pools`, first\n[up](../README.md) [out](https://example.org/)'),
  ],
};
