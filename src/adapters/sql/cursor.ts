/**
 * Where a page of history ended: the finish and the number of its last run, so that the
 * next page goes on behind it whatever was recorded meanwhile. Opaque to callers.
 */
import { CodedError } from '../../core/errors/catalogue.ts';

export interface Cursor {
  readonly finishedAtMs: number;
  readonly seq: number;
}

export function cursorText(cursor: Cursor): string {
  return `${cursor.finishedAtMs}-${cursor.seq}`;
}

export function cursorOf(text: string): Cursor {
  const match = /^(-?\d{1,16})-(\d{1,16})$/.exec(text);
  if (match === null) {
    throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
      field: 'before',
    });
  }
  return { finishedAtMs: Number(match[1]), seq: Number(match[2]) };
}
