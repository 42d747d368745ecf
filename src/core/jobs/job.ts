/**
 * A job: work too long for the thread that admits, cut into requests that need not know of
 * each other, so that several threads can share it.
 *
 * Always true: a job is pure and synchronous; the same input and request give the same bytes
 * on whatever thread they are answered and in whatever order. Input, requests and answers are
 * plain data (what structured cloning takes).
 */

export interface JobInput<Head, Row> {
  /** Small; may hold `SharedArrayBuffer`s, which all threads then write into. */
  readonly head: Head;
  /** All that is long. Taken bit by bit, so that whoever sends it can do something else in between. */
  readonly rows: Iterable<Row>;
}

/** Yields now and then, some milliseconds apart, where a thread with other work may do that. */
export type Answering<Answer> = Generator<void, Answer>;

export interface Job<Head, Row, Request, Answer> {
  /** Once on each thread that takes part. */
  prepare(head: Head, rows: readonly Row[]): (request: Request) => Answering<Answer>;
}
