import { AuditReport, exampleReport } from "@orderflow/common/audit/report";
import { operatorProcedure } from "./trpc.ts";

/** Whether this service's database is what it must be. One check at a time, of 8 s at most. */
export const audit = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/services/:service/audit",
      summary: "Check what must be true of its data",
      example: { output: exampleReport },
    },
  })
  .output(AuditReport)
  .query(({ ctx }) => ctx.audit());
