import { z } from "zod";

/** What came of one invariant. `failure` says why it could not be checked, or not in time. */
export const Finding = z.object({
  name: z.string(),
  law: z.string(),
  kind: z.enum(["law", "attention"]),
  checked: z.int(),
  violations: z.int(),
  /** The first few, by id. */
  examples: z.array(z.object({ id: z.string(), problem: z.string() })),
  elapsedMs: z.number(),
  failure: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

/** What a service says of its own database, all as of one moment. */
export const AuditReport = z.object({ takenAt: z.iso.datetime(), invariants: z.array(Finding) });
export type AuditReport = z.infer<typeof AuditReport>;

/** What the API's documents show. A test holds it to the schema. */
export const exampleReport: AuditReport = {
  takenAt: "2026-11-22T14:30:00.000Z",
  invariants: [
    {
      name: "positions-without-gaps",
      law: "The positions of a stream have no gaps",
      kind: "law",
      checked: 12_480,
      violations: 0,
      examples: [],
      elapsedMs: 41.5,
      failure: null,
    },
  ],
};

/** Of the procedure by which a service answers it. */
export const auditMeta = {
  openapi: {
    method: "GET",
    path: "/services/:service/audit",
    summary: "Check what must be true of its data",
    example: { output: exampleReport },
  },
} as const;
