/** Figures of the webhook for Prometheus, beside the process's own. The number of series is fixed. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ReviewAnswer } from './review.ts';

const SECONDS_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1, 1];

export interface WebhookMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  countReview(rule: string, answer: ReviewAnswer, tookMs: number): void;
  /** Requests that were no reviews, or too large. */
  countRefused(): void;
}

export function webhookMetrics(): WebhookMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const reviews = new Counter({
    name: 'penstock_webhook_reviews_total',
    help: 'Admission reviews answered, by rule and by what was done with the run',
    labelNames: ['rule', 'answer'],
    registers,
  });
  const seconds = new Histogram({
    name: 'penstock_webhook_review_seconds',
    help: 'From a review read to its answer ready',
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const refused = new Counter({
    name: 'penstock_webhook_refused_total',
    help: 'Requests that were no admission reviews, or too large',
    registers,
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countReview: (rule, answer, tookMs) => {
      reviews.inc({ rule, answer });
      seconds.observe(tookMs / 1_000);
    },
    countRefused: () => refused.inc(),
  };
}
