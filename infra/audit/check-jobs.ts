import type postgres from "postgres";
import { type AuditFinding, createTally } from "./tally.ts";

/** Of a system at rest: no job is running or could run now. Those scheduled for later may wait. */
export async function checkJobs(
  connections: Record<"worker" | "notify", postgres.Sql>,
  maxExamples: number,
): Promise<AuditFinding> {
  const databases = ["worker", "notify"] as const;
  const tally = createTally(
    { name: "jobs-settled", law: "No job is running or due.", databases: [...databases] },
    maxExamples,
  );
  for (const service of databases) {
    const jobs = await connections[service]<{ id: string; task: string; isDue: boolean }[]>`
      select id, task_identifier as task,
        locked_at is not null or (attempts < max_attempts and run_at <= now()) as "isDue"
      from graphile_worker.jobs`;
    tally.looked(jobs.length);
    for (const { id, task } of jobs.filter(({ isDue }) => isDue)) tally.found(`${service} job ${id}`, task);
  }
  return tally.finding();
}
