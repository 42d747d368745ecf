/**
 * Which pools a file means. Annotations cannot hold a "/", so `linux/arm64` is written
 * `linux-arm64` there; who knows the pools finds the one that is meant.
 */
import { CodedError } from '../core/errors/catalogue.ts';
import type { Requests } from '../core/model/run.ts';

/** A pool that nobody knows stays as it is written: whoever takes the run says that it is unknown. */
export function poolsMeant(written: Requests, known: readonly string[]): Requests {
  return Object.fromEntries(Object.entries(written).map(([name, units]) => [poolMeant(name, known), units]));
}

function poolMeant(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name;
  const alike = known.filter((pool) => pool.replaceAll('/', '-') === name);
  if (alike.length > 1) {
    throw new CodedError(
      'pool-unknown',
      `requests.penstock.dev/${name}: it may mean ${alike.join(' or ')}; say which with --request.`,
      { field: `requests.${name}` },
    );
  }
  return alike[0] ?? name;
}
