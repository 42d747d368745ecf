/** Asks Prometheus for one number, as a test would by hand. */

interface QueryAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** NaN when the query has no result (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export async function queryPrometheus(url: string, query: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  if (!answer.ok) throw new Error(`Prometheus answered ${answer.status} to ${query}`);
  const { data } = (await answer.json()) as QueryAnswer;
  return Number(data.result[0]?.value[1] ?? Number.NaN);
}
