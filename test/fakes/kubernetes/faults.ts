/**
 * What a test may order to go wrong, request by request.
 */

/** How a connection ends: in order, by a reset, or never. */
export type Ending = 'close' | 'reset' | 'hang';

export type Fault =
  /** Answers this and does nothing. */
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** Does nothing and answers nothing. */
  | { readonly kind: 'ignore'; readonly ending: Ending }
  /** Takes effect, and answers nothing. */
  | { readonly kind: 'apply'; readonly ending: Ending }
  /** Takes effect at once and answers when this has resolved. */
  | { readonly kind: 'answer-late'; readonly until: Promise<unknown> }
  /** Takes effect when this has resolved, unless the request's own `timeout` has passed by then (504). */
  | { readonly kind: 'apply-late'; readonly until: Promise<unknown> }
  /** Answers the first bytes of the body. */
  | { readonly kind: 'cut'; readonly atByte: number; readonly ending: Ending }
  /** A watch that breaks after this many lines. */
  | { readonly kind: 'watch'; readonly afterLines: number; readonly ending: WatchBreak }
  /** A watch that sends each line twice, or each two lines in the wrong order. */
  | { readonly kind: 'watch-order'; readonly order: 'repeated' | 'swapped' };

export type WatchBreak =
  | Ending
  /** Half of the next line, then this. */
  | 'half-line-close'
  | 'half-line-hang'
  /** The next line with a piece missing in the middle; the watch goes on after it. */
  | 'broken-line'
  /** An ERROR event with a Status of this code, in a stream that was answered 200. */
  | 'error-410'
  | 'error-500';

export interface FaultOrder {
  readonly fault: Fault;
  /** Only requests of this method. */
  readonly method?: string;
  /** Only requests whose path and query match. */
  readonly path?: RegExp;
  /** Only watches, or only what is none. */
  readonly watch?: boolean;
  /** For this many requests; one unless said. */
  readonly times?: number;
}

export class FaultPlan {
  #orders: { readonly order: FaultOrder; left: number }[] = [];

  /** Orders take effect in the order given: the first that matches a request, once. */
  add(order: FaultOrder): void {
    this.#orders.push({ order, left: order.times ?? 1 });
  }

  clear(): void {
    this.#orders = [];
  }

  /** How many requests are still to be hit. */
  get left(): number {
    return this.#orders.reduce((sum, { left }) => sum + left, 0);
  }

  take(method: string, url: string, isWatch: boolean): Fault | null {
    const found = this.#orders.find(
      ({ order, left }) =>
        left > 0 &&
        (order.method ?? method) === method &&
        (order.path?.test(url) ?? true) &&
        (order.watch ?? isWatch) === isWatch,
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found.order.fault;
  }
}
