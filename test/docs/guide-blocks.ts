/**
 * The code blocks of a guide, as a test runs them. What a reader copies must work, so the
 * fences say what each block is:
 *
 *   ```yaml file=pipeline.yaml   is written into the guide's folder
 *   ```sh run                    is run there by bash, which stops at the first failure
 *   ```text output               must be what the block before printed, line by line; `...`
 *                                stands for anything within a line, alone for any lines
 *   ```sh not-run                is shown only; the word says that this is on purpose
 */
export type Block =
  | { readonly kind: 'file'; readonly name: string; readonly text: string; readonly line: number }
  | { readonly kind: 'run'; readonly script: string; readonly line: number }
  | { readonly kind: 'output'; readonly wanted: string; readonly line: number }
  | { readonly kind: 'unmarked'; readonly line: number };

export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].flatMap((match): Block[] => {
    const [, language = '', rest = '', text = ''] = match;
    const line = markdown.slice(0, match.index).split('\n').length;
    const mark = rest.trim();
    const name = /^file=([\w./-]+)$/.exec(mark)?.[1];
    if (name !== undefined) return [{ kind: 'file', name, text, line }];
    if (language === 'sh' && mark === 'run') return [{ kind: 'run', script: text, line }];
    if (language === 'text' && mark === 'output') return [{ kind: 'output', wanted: text, line }];
    return language === 'sh' && mark !== 'not-run' ? [{ kind: 'unmarked', line }] : [];
  });
}

/** Whether what was printed is what the guide shows. Trailing spaces and colours do not count. */
export function matches(printed: string, wanted: string): boolean {
  const source = wanted
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '...' ? '(?:[^\\n]*\\n)*' : `${pattern(line.trimEnd())} *\\n`))
    .join('');
  return new RegExp(`^${source}\\s*$`).test(`${printed.trimEnd()}\n`);
}

function pattern(line: string): string {
  return line
    .split('...')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('[^\\n]*');
}
