import type { Task } from "@orderflow/common/jobs/attempt-job";
import type { Logger } from "@orderflow/common/observability/logger";
import type { SQL } from "bun";
import type { Mailer } from "../providers/mailer.ts";
import type { Deliveries } from "../repositories/deliveries.ts";
import { sendMail } from "./send-mail.ts";

type TaskContext = { sql: SQL; deliveries: Deliveries; mailer: Mailer; logger: Logger; now: () => Date };

/** All that runs as a job, by the name it is added under. */
export function tasks(ctx: TaskContext): Record<string, Task> {
  return { "send-mail": sendMail(ctx) };
}
