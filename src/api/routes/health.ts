/** Whether the process lives, and whether it has looked at the engine once and can be asked: its store answers. */
import { CodedError } from '../../core/errors/catalogue.ts';
import { HealthSchema, ReadySchema } from '../contract.ts';
import { PROBLEMS, type Routes } from './responses.ts';

export function healthRoutes(
  routes: Routes,
  state: { readonly version: string; readonly isReady: () => boolean; readonly ping: () => Promise<void> },
): void {
  routes.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Is the process alive?',
        tags: ['health'],
        response: { 200: HealthSchema },
      },
    },
    async () => ({ status: 'ok' as const, version: state.version }),
  );
  routes.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Has the first pass been made, and does the store answer?',
        tags: ['health'],
        response: { 200: ReadySchema, ...PROBLEMS },
      },
    },
    async () => {
      // Without the store no first pass is made: the store is what has to be told of.
      await state.ping();
      if (!state.isReady()) {
        throw new CodedError(
          'not-ready',
          'The first look at the engine is not done yet; ask again in a moment.',
        );
      }
      return { status: 'ready' as const };
    },
  );
}
