/** The guide to the configuration, whose example has to be right. */
import { readFileSync } from 'node:fs';

export function configGuide(): string {
  return readFileSync(new URL('../../docs/guides/configuration.md', import.meta.url), 'utf8');
}

export function exampleConfig(): string {
  const example = /```yaml file=penstock\.yaml\n(.*?)```/s.exec(configGuide())?.[1];
  if (example === undefined) throw new Error('the guide shows no example');
  return example;
}
