/**
 * The part `tekton` of `penstock.yaml`: which cluster, and how Penstock behaves in it. Read
 * only when `engine` is `tekton`.
 */
import { z } from 'zod';
import { duration, mapping, name, text, wholeNumber } from '../documents/schema-parts.ts';

const DAY_MS = 86_400_000;
const NAME_ERROR = 'must be a name of at most 63 small letters, digits and "-"';
const kubernetesName = z
  .string({ error: NAME_ERROR })
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: NAME_ERROR });

/** YAML itself reads a bare `on` as a word and, in its older version, as true. */
const onOff = z.preprocess(
  (value) => (value === 'on' ? true : value === 'off' ? false : value),
  z.boolean({ error: 'must be on or off' }),
);

export const TEKTON_SCHEMA = mapping({
  kubeconfig: text('the path of a kubeconfig').optional(),
  context: text('the name of a context in the kubeconfig').optional(),
  namespace: kubernetesName.optional(),
  defaultPriority: name.optional(),
  defaultTimeout: duration(0, 365 * DAY_MS).prefault('1h'),
  lease: mapping({
    name: kubernetesName.default('penstock'),
    duration: duration(2_000, 600_000).prefault('10s'),
  }).prefault({}),
  explainEvery: duration(200, 600_000).prefault('2s'),
  writesPerSecond: wholeNumber(1, 1_000).default(5),
  usage: onOff.default(true),
});
