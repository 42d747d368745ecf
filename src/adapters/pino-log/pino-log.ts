/**
 * The log: one JSON object a line on stderr, since stdout belongs to what commands print.
 *
 * Lines are written at once, so that the last ones before a kill -9 are there to be read.
 */
import { pino } from 'pino';
import type { Log, LogLevel } from '../../ports/log.ts';

const STDERR = 2;

/** `fileDescriptor` is another than stderr in tests only. */
export function pinoLog(level: LogLevel, fileDescriptor: number = STDERR): Log {
  const destination = pino.destination({ fd: fileDescriptor, sync: true });
  // Whoever read our log may be gone; that is no reason to stop starting runs.
  destination.on('error', () => {});
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
