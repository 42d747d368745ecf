/**
 * How many requests one caller, or one address without a token, may send: a budget each.
 *
 * Always true: memory is bounded. Beyond `KEYS_MAX` the key that was quiet longest is
 * forgotten and begins anew with a full budget, which costs nothing but fairness.
 */
import { TokenBucket } from '../../core/limits/token-bucket.ts';

const KEYS_MAX = 10_000;
/** A page that loads a dashboard, or a script that begins, asks much at once. */
const BURST_SECONDS = 10;

export class RateLimits {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  /** The one that was quiet longest first. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** How long until the next request of this key is let through, in milliseconds; 0 when this one is. */
  take(key: string): number {
    const nowMs = this.#nowMs();
    const bucket =
      this.#buckets.get(key) ?? new TokenBucket(nowMs, this.#perSecond, this.#perSecond * BURST_SECONDS);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > KEYS_MAX) this.#forgetOne();
    return bucket.take(nowMs);
  }

  get keys(): number {
    return this.#buckets.size;
  }

  #forgetOne(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}

/** One network of IPv6 is one address: whoever has one has 2^64 of them. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = ''] = address.split('%');
  const [left = '', right] = head.split('::');
  const groups = left === '' ? [] : left.split(':');
  const missing = right === undefined ? 0 : 8 - groups.length - right.split(':').filter(Boolean).length;
  const whole = [...groups, ...Array.from({ length: missing }, () => '0'), ...(right ?? '').split(':')];
  return `${whole.slice(0, 4).join(':')}::/64`;
}
