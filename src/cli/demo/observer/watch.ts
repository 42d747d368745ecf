/**
 * The demo's side of the observer: starts it, keeps the highest it reported, ends it.
 *
 * Always true: a failing observer never harms the demo; it is said, and what it would have
 * seen is unknown.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ObserverOrder, ObserverReport } from './order.ts';

/** The sources in a clone, the compiled JavaScript in an installed package. */
const file = import.meta.url.endsWith('.ts') ? './main.ts' : './main.js';
const MAIN = fileURLToPath(new URL(file, import.meta.url));
const END_WITHIN_MS = 2_000;

export interface Observer {
  /** The latest report; null while there is none. */
  report(): ObserverReport | null;
  /** Why there is none, in one line; null when all is well. */
  failure(): string | null;
  /** Lets it look a last time and end. */
  stop(): Promise<void>;
}

export function startObserver(
  order: ObserverOrder,
  onReport: (report: ObserverReport) => void = () => {},
): Observer {
  const child = spawn(process.execPath, [MAIN, JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let latest: ObserverReport | null = null;
  let failure: string | null = null;
  let complaint = '';
  let rest = '';
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.on('close', (status) => {
      if (status !== 0) failure ??= lastLine(complaint) ?? `it ended with status ${status}`;
      resolve();
    });
  });
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-4_000);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      latest = JSON.parse(line) as ObserverReport;
      onReport(latest);
    }
  });
  return {
    report: () => latest,
    failure: () => failure,
    stop: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      child.stdin.end();
      await ended;
      clearTimeout(timer);
    },
  };
}

function lastLine(text: string): string | null {
  const errors = text.split('\n').filter((line) => /^\w*Error/.test(line));
  return errors.at(-1) ?? null;
}
