/** PipelineRuns as tests write them, and what a reader makes of them. */
import { type NeedsReader, needsReader } from '../../../../src/adapters/tekton/needs/needs-reader.ts';
import { NEEDS_SCHEMA } from '../../../../src/config/needs-rules.ts';

const POOLS = [
  'runs',
  'linux/arm64',
  'linux/s390x',
  'linux/ppc64le',
  'linux-mlarge/arm64',
  'aws-ip',
  'mintmaker',
];

export function reader(needs: unknown = {}, pools: readonly string[] = POOLS): NeedsReader {
  return needsReader({ ...NEEDS_SCHEMA.parse(needs), pools });
}

export interface Written {
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly pipelineSpec?: unknown;
  readonly namespace?: string;
}

export function run({ annotations, labels, params = {}, pipelineSpec, namespace = 'web' }: Written): unknown {
  return {
    metadata: { namespace, annotations, labels },
    spec: { params: Object.entries(params).map(([name, value]) => ({ name, value })), pipelineSpec },
  };
}

export function needs(written: Written, read: NeedsReader = reader()) {
  return read(run(written), {});
}

export const requests = (written: Written, read?: NeedsReader) => needs(written, read).requests;
