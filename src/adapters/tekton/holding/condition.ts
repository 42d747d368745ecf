/**
 * A condition on a PipelineRun being created, in two languages: CEL for the API server,
 * TypeScript for our webhook. The leaves are written side by side, everything else is put
 * together from them, so the two cannot drift apart.
 *
 * Always true: both forms are total. They answer for any object that has `metadata`, as every
 * object of Kubernetes does, and neither throws nor, in CEL, fails.
 */

type Mapping = Readonly<Record<string, unknown>>;

export interface Condition {
  /** An expression over `object`. */
  readonly cel: string;
  readonly holds: (run: Mapping) => boolean;
}

export function not({ cel, holds }: Condition): Condition {
  return { cel: `!(${cel})`, holds: (run) => !holds(run) };
}

export function both(one: Condition, other: Condition): Condition {
  return { cel: `${one.cel} && ${other.cel}`, holds: (run) => one.holds(run) && other.holds(run) };
}

/** The text `spec.FIELD` is missing, null or one of `texts`, in a run that has a `spec`. */
export function specFieldIsUnsetOr(field: string, texts: readonly string[]): Condition {
  const listed = texts.map((text) => JSON.stringify(text)).join(', ');
  return {
    // Selecting a field of what is no mapping would be an error, and so is a list of null and texts.
    cel: `type(object.?spec.orValue(null)) == map && (object.spec.?${field}.orValue(null) == null || object.spec.${field} in [${listed}])`,
    holds: (run) => {
      const spec = asMapping(own(run, 'spec'));
      const value = spec === null ? spec : (own(spec, field) ?? null);
      return spec !== null && (value === null || texts.some((text) => text === value));
    },
  };
}

export const HAS_LABELS: Condition = {
  cel: 'type(object.metadata.?labels.orValue(null)) == map',
  holds: (run) => labelsOf(run) !== null,
};

export function hasLabel(key: string): Condition {
  return {
    cel: `${HAS_LABELS.cel} && ${JSON.stringify(key)} in object.metadata.labels`,
    holds: (run) => Object.hasOwn(labelsOf(run) ?? {}, key),
  };
}

function labelsOf(run: Mapping): Mapping | null {
  return asMapping(own(asMapping(own(run, 'metadata')) ?? {}, 'labels'));
}

/** Nothing that is inherited: a run may have fields called as it likes. */
function own(mapping: Mapping, field: string): unknown {
  return Object.hasOwn(mapping, field) ? mapping[field] : undefined;
}

export function asMapping(value: unknown): Mapping | null {
  const isOne = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isOne ? (value as Mapping) : null;
}
