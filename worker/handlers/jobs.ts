import { answerOnce } from "@orderflow/common/idempotency/answer-once";
import { JobState, JobView, listJobs } from "@orderflow/common/jobs/list-jobs";
import { rerunJob as rerun } from "@orderflow/common/jobs/rerun-job";
import { z } from "zod";

import { exampleJob, exampleKey } from "./examples.ts";
import { operatorProcedure } from "./trpc.ts";

const JobId = z.string().regex(/^\d{1,18}$/, "the id of a job, as listed");

/** What waits, runs or has no attempts left, newest first. A finished job is gone. */
export const jobs = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/jobs",
      summary: "List the jobs of fulfilment",
      description: "What waits, runs or has no attempts left, newest first.",
      example: { input: { state: "exhausted" }, output: { items: [exampleJob], nextCursor: null } },
    },
  })
  .input(
    z.object({
      state: JobState.optional(),
      cursor: JobId.optional(),
      limit: z.int().min(1).max(100).default(20),
    }),
  )
  .output(z.object({ items: z.array(JobView), nextCursor: z.string().nullable() }))
  .query(({ ctx, input }) => listJobs(ctx.sql, input));

/** Lets a job that waits or has no attempts left run at once. */
export const rerunJob = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/jobs/{jobId}/rerun",
      summary: "Run a job at once",
      description: "One that waits or has no attempts left.",
      refusals: ["job_not_found", "idempotency_key_reused"],
      example: { input: { idempotencyKey: exampleKey, jobId: exampleJob.id }, output: { jobId: exampleJob.id } },
    },
  })
  .input(z.object({ idempotencyKey: z.uuid(), jobId: JobId }))
  .output(z.object({ jobId: z.string() }))
  .mutation(({ ctx, input: { idempotencyKey, jobId } }) =>
    answerOnce(
      ctx.sql,
      { idempotencyKey, callerId: ctx.caller.id, body: ["rerunJob", jobId], at: ctx.now() },
      async (tx) => {
        await rerun(tx, jobId);
        return { jobId };
      },
    ),
  );
