/** Where `penstock webhook` answers: the same for whoever calls and whoever listens. */
import type { Rule } from '../holding/rules.ts';

export const WEBHOOK_PORT = 9443;

export function pathOf({ name }: Rule): string {
  return `/v1/${name}`;
}
