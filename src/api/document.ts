/**
 * The OpenAPI document, finished: what the routes and schemas cannot say of themselves, and
 * nothing that no address needs. Generators make clients of it, so each operation has a name.
 */

interface Response {
  headers?: Readonly<Record<string, object>>;
}

interface Operation {
  readonly operationId?: string;
  readonly requestBody?: object;
  readonly responses?: Readonly<Record<string, Response>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
type Schemas = Readonly<Record<string, object>>;

/** As much of OpenAPI 3.1 as is looked at here. */
export interface ApiDocument {
  readonly paths?: Paths;
  readonly components?: { readonly schemas?: Schemas };
}

const SCHEMA_REF = /"#\/components\/schemas\/([^"]+)"/g;
/** The name that the schema of a body gets beside that of an answer. */
const AS_INPUT = 'Input';

const RETRY_AFTER = {
  description: 'Seconds until the same request may be let through, where that is known',
  schema: { type: 'integer', minimum: 1 },
} as const;
const ETAG = {
  description: 'The version of the policy, for If-Match',
  schema: { type: 'string' },
} as const;
const WITH_ETAG: ReadonlySet<string> = new Set(['getPolicy', 'applyPolicy']);

export function finished(document: ApiDocument): ApiDocument {
  const { paths = {}, components = {} } = document;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) addHeaders(operation);
  const used = withoutUnused(paths, components.schemas ?? {});
  const named = withPlainNames(withOptionalFields({ paths, schemas: used }));
  return { ...document, paths: named.paths, components: { ...components, schemas: named.schemas } };
}

function addHeaders({ operationId = '', responses = {} }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    if (status === '4XX') response.headers = { 'Retry-After': RETRY_AFTER };
    if (status.startsWith('2') && WITH_ETAG.has(operationId)) response.headers = { ETag: ETAG };
  }
}

/** Every schema is made as a body and as an answer; most are only one of them. */
function withoutUnused(paths: Paths, schemas: Schemas): Schemas {
  const used = new Set<string>();
  const look = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(SCHEMA_REF)) {
      if (used.has(name)) continue;
      used.add(name);
      look(schemas[name] ?? {});
    }
  };
  look(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

interface Referring {
  readonly paths: Paths;
  readonly schemas: Schemas;
}

function withPlainNames(parts: Referring): Referring {
  const isPlain = (name: string): boolean => name.endsWith(AS_INPUT) && !(plain(name) in parts.schemas);
  const nameOf = (name: string): string => (isPlain(name) ? plain(name) : name);
  const referring = <T>(part: T): T =>
    JSON.parse(
      JSON.stringify(part).replaceAll(
        SCHEMA_REF,
        (_, name: string) => `"#/components/schemas/${nameOf(name)}"`,
      ),
    ) as T;
  const schemas = Object.entries(parts.schemas).map(([name, schema]) => [nameOf(name), referring(schema)]);
  return { paths: referring(parts.paths), schemas: Object.fromEntries(schemas) as Schemas };
}

/**
 * What has a default may be left out of a body, and generators take a field with a default for
 * one that is always there: so the default is told in words.
 */
function withOptionalFields({ paths, schemas }: Referring): Referring {
  const bodies = Object.entries(schemas).map(([name, schema]) => [
    name,
    name.endsWith(AS_INPUT) ? defaultsInWords(schema) : schema,
  ]);
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (operation.requestBody === undefined) continue;
    Object.assign(operation.requestBody, defaultsInWords(operation.requestBody));
  }
  return { paths, schemas: Object.fromEntries(bodies) as Schemas };
}

function defaultsInWords(schema: object): object {
  const { properties, ...rest } = schema as { readonly properties?: Readonly<Record<string, object>> };
  const inner = Object.entries(rest).map(([key, value]) => [key, insideOf(value)]);
  if (properties === undefined) return Object.fromEntries(inner) as object;
  const told = Object.entries(properties).map(([name, property]) => {
    const { default: value, ...without } = defaultsInWords(property) as { readonly default?: unknown };
    if (value === undefined) return [name, without];
    return [name, { ...without, description: `Default: ${JSON.stringify(value)}` }];
  });
  return { ...(Object.fromEntries(inner) as object), properties: Object.fromEntries(told) as object };
}

function insideOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(insideOf);
  return typeof value === 'object' && value !== null ? defaultsInWords(value) : value;
}

function plain(name: string): string {
  return name.slice(0, -AS_INPUT.length);
}
