import { isFault } from "@orderflow/common/database/sql-error";
import type { JobRun, Task } from "@orderflow/common/jobs/attempt-job";
import { z } from "zod";
import { isDue, recordOutcome } from "../domain/delivery.ts";
import type { Mailer } from "../providers/mailer.ts";
import type { Deliveries } from "../repositories/deliveries.ts";
import { composeMail } from "../templates/compose-mail.ts";

type MailContext = { deliveries: Deliveries; mailer: Mailer; now: () => Date };

const SendMail = z.object({ deliveryId: z.uuid() });
const retryDelayMs = 250;

/**
 * A delivery that was sent is not sent again. A mail can still be doubled, in one case that SMTP cannot close: the
 * server took it, and before that was committed here the process died, or the connection broke before its 250 came.
 * Both copies then have the same Message-ID, by which many a mailbox shows one.
 */
export function sendMail({ deliveries, mailer, now }: MailContext): Task {
  // What a server took while the database was away for longer than the job may last.
  const accepted = new Set<string>();
  return async (payload, job) => {
    const { deliveryId } = SendMail.parse(payload);
    const delivery = await deliveries.byId(deliveryId);
    if (!isDue(delivery)) return;
    const outcome = accepted.has(deliveryId) ? { kind: "accepted" as const } : await mailer.send(composeMail(delivery));
    if (outcome.kind === "accepted") accepted.add(deliveryId);
    const at = now();
    await persistently(job, () =>
      deliveries.update(delivery, (current) =>
        recordOutcome(current, outcome, { at, isLast: job.attempt >= job.maxAttempts }),
      ),
    );
    accepted.delete(deliveryId);
    if (outcome.kind === "failed") throw new Error(outcome.reason);
  };
}

/** Outlasts a database that restarts, as long as the job may last: giving up here would send the mail again. */
async function persistently(job: JobRun, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isFault(error) || job.signal.aborted) throw error;
      await Bun.sleep(retryDelayMs);
    }
  }
}
