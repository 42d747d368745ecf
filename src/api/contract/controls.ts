/**
 * The bodies of operators' orders: what they ask for, and what stands afterwards.
 */
import { z } from 'zod';
import { instant, LIMITS, line, named } from '../contract.ts';

/** In whose name the order is given; nobody checks it yet, since only the owner of the socket can give one. */
const by = line(100).default('somebody');
const thing = line(255);

const TargetSchema = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('everything') }),
  z.strictObject({ scope: z.enum(['tenant', 'pool']), name: thing }),
]);

const source = z.enum(['order', 'configuration', 'engine']);
const origin = { source, by: z.string().nullable(), sinceMs: instant.nullable() };

export const ControlsSchema = named(
  'Controls',
  z.object({
    nowMs: instant,
    pauses: z.array(
      z.object({
        target: TargetSchema,
        ...origin,
        reason: z.string().nullable(),
        inForce: z.boolean(),
        active: z.number(),
        held: z.number(),
      }),
    ),
    caps: z.array(z.object({ tenant: z.string(), pool: z.string(), units: z.number(), ...origin })),
    fronts: z.array(z.object({ runId: z.string(), by: z.string(), atMs: instant })),
    maxHeldMs: z.number().nullable(),
  }),
);
export type Controls = z.output<typeof ControlsSchema>;

export const OrderedSchema = named(
  'Ordered',
  z.object({
    /** False when it was so already. */
    changed: z.boolean(),
    controls: ControlsSchema,
  }),
);
export type Ordered = z.output<typeof OrderedSchema>;

export const PauseSchema = named(
  'Pause',
  z.strictObject({ target: TargetSchema, reason: line(500).nullable().default(null), by }),
);

export const ResumeSchema = named('Resume', z.strictObject({ target: TargetSchema, by }));

export const CapSchema = named(
  'Cap',
  z.strictObject({
    tenant: thing,
    pool: thing,
    /** Most units at once; null takes the cap that a command set back. */
    units: z.number().int().min(0).max(1_000_000).nullable(),
    by,
  }),
);

export const FrontSchema = named(
  'Front',
  /** `undo` takes an earlier move back. */
  z.strictObject({ by, undo: z.boolean().default(false) }),
);

export const AuditSchema = named(
  'Audit',
  z.object({
    entries: z.array(
      z.object({
        atMs: instant,
        by: z.string(),
        what: z.enum([
          'pause',
          'resume',
          'cap',
          'uncap',
          'front',
          'unfront',
          'apply-policy',
          'delete-policy',
          'run-policy',
          'test-run',
          'cancel-test-run',
          'cancel-run',
          'import-history',
        ]),
        about: z.string(),
        detail: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
);

export const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSize).default(100),
  /** `next` of the page before. */
  before: z.string().min(1).max(100).optional(),
});
