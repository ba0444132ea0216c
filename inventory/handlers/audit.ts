import { AuditReport, auditMeta } from "@orderflow/common/audit/report";
import { operatorProcedure } from "./trpc.ts";

/** Whether this service's database is what it must be. One check at a time, of 8 s at most. */
export const audit = operatorProcedure
  .meta(auditMeta)
  .output(AuditReport)
  .query(({ ctx }) => ctx.audit());
