/** What is said between the thread that admits and those that work for it. */
import type { JobName } from '../../core/jobs/catalogue.ts';

export type ToThread =
  | { readonly kind: 'open'; readonly job: number; readonly name: JobName; readonly head: unknown }
  | { readonly kind: 'rows'; readonly job: number; readonly rows: readonly unknown[] }
  | { readonly kind: 'ask'; readonly job: number; readonly request: unknown }
  | { readonly kind: 'close'; readonly job: number };

/** A thread is asked one thing at a time. */
export type FromThread =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly error: unknown };
