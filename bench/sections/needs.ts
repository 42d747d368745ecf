/**
 * What it costs to read from a PipelineRun what it needs, beside parsing the JSON of the same
 * watch event, which is paid anyhow. The run is like those of Pipelines-as-Code: two dozen
 * annotations and labels of its own, two dozen params, an embedded pipeline.
 */
import { needsReader } from '../../src/adapters/tekton/needs/needs-reader.ts';
import { NEEDS_SCHEMA } from '../../src/config/needs-rules.ts';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';

const RUNS = 20_000;
const TASKS = 12;
const POOLS = ['linux/arm64', 'linux/s390x', 'linux/ppc64le', 'aws-ip', 'mintmaker'];
const RULES = [
  {
    name: 'addresses',
    forEach: 'pool.startsWith("linux") && !(pool in ["linux/ppc64le", "linux/s390x"])',
    requests: { 'aws-ip': 1 },
  },
  {
    name: 'updates',
    when: 'project == "mintmaker" || labels["kind"] == "update"',
    requests: { mintmaker: 1 },
  },
  { name: 'releases', when: 'projectLabels["team"].startsWith("rel")', priority: 'high' },
];

function entries(count: number, place: number): Record<string, string> {
  const keys = Array.from({ length: count }, (_, i) => `pipelinesascode.tekton.dev/key-${i}`);
  return Object.fromEntries(keys.map((key, i) => [key, `value-${place}-${i}-of-some-length`]));
}

function eventText(place: number): string {
  const plain = Array.from({ length: TASKS }, (_, i) => ({
    name: `task-${i}`,
    taskRef: { resolver: 'bundles', params: [{ name: 'name', value: `task-${i}` }] },
    params: [{ name: 'IMAGE', value: '$(params.output-image)' }],
  }));
  const build = {
    name: 'build',
    matrix: { params: [{ name: 'PLATFORM', value: ['$(params.build-platforms)'] }] },
  };
  const params = Array.from({ length: 24 }, (_, i) => ({ name: `param-${i}`, value: `value-${place}` }));
  const platforms = { name: 'build-platforms', value: ['linux/x86_64', 'linux/arm64', 'linux/s390x'] };
  return JSON.stringify({
    metadata: {
      name: `run-${place}`,
      namespace: 'web',
      labels: entries(24, place),
      annotations: entries(24, place),
    },
    spec: { params: [...params, platforms], pipelineSpec: { params: [], tasks: [...plain, build] } },
  });
}

function eachUs<Item>(items: readonly Item[], work: (item: Item) => unknown): () => number {
  return () => {
    const seconds = secondsOf(() => {
      for (const item of items) work(item);
    });
    return (seconds * 1e6) / items.length;
  };
}

async function run({ rounds, scale }: Effort): Promise<readonly Line[]> {
  const count = Math.max(1, Math.round(RUNS * scale));
  const texts = Array.from({ length: count }, (_, place) => eventText(place));
  const objects = texts.map((text) => JSON.parse(text) as unknown);
  const reading = (rules: readonly object[]) => {
    const read = needsReader({ ...NEEDS_SCHEMA.parse({ rules }), pools: POOLS });
    return eachUs(objects, (object) => read(object, { team: 'web' }));
  };
  const { parsing, plain, ruled } = await medians(rounds, {
    parsing: eachUs(texts, (text) => JSON.parse(text) as unknown),
    plain: reading([]),
    ruled: reading(RULES),
  });
  const peer = 'parsing its JSON';
  return [
    { what: 'parsing the JSON of one event', value: parsing, unit: 'us', against: null, goal: null },
    { what: 'reading its needs', value: plain, unit: 'us', against: null, goal: null },
    { what: 'with three rules in CEL', value: ruled, unit: 'us', against: null, goal: null },
    {
      what: 'needs, of parsing',
      value: plain / parsing,
      unit: 'x',
      against: peer,
      goal: atMost(1, plain / parsing),
    },
    {
      what: 'with rules, of parsing',
      value: ruled / parsing,
      unit: 'x',
      against: peer,
      goal: atMost(2, ruled / parsing),
    },
  ];
}

export const needs: Section = { name: 'needs', title: 'what a PipelineRun needs', run };
