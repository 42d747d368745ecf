/**
 * Quantities as Kubernetes writes them: `100m`, `1.5`, `64Mi`, `1e3`
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
 */
const WRITTEN = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|[KMGTPE]i))?$/;

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** In CPUs or bytes; null for what is no quantity >= 0. */
export function quantity(written: unknown): number | null {
  const [, digits, exponent, suffix] = WRITTEN.exec(String(written)) ?? [];
  if (digits === undefined) return null;
  const value =
    Number(`${digits}${exponent ?? ''}`) * (suffix === undefined ? 1 : (FACTORS[suffix] ?? Number.NaN));
  return Number.isFinite(value) && value >= 0 ? value : null;
}
