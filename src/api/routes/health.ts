/** Whether the process lives, and whether it has looked at the engine once and can be asked. */
import { CodedError } from '../../core/errors/catalogue.ts';
import { HealthSchema, ReadySchema } from '../contract.ts';
import { PROBLEMS, type Routes } from './responses.ts';

export function healthRoutes(
  routes: Routes,
  state: { readonly version: string; readonly isReady: () => boolean },
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
        summary: 'Has the first pass been made?',
        tags: ['health'],
        response: { 200: ReadySchema, ...PROBLEMS },
      },
    },
    async () => {
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
