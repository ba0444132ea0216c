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
