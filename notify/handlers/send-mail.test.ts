import { expect, test } from "bun:test";
import { Unavailable } from "@orderflow/common/errors";
import { aDelivery } from "../domain/a-delivery.ts";
import type { AttemptOutcome, Delivery } from "../domain/delivery.ts";
import type { Mail } from "../providers/mailer.ts";
import { sendMail } from "./send-mail.ts";

const run = { id: "1", attempt: 1, maxAttempts: 25, signal: new AbortController().signal };

/** `faults` updates fail before one succeeds. */
function rig({ outcome = { kind: "accepted" } as AttemptOutcome, faults = 0 } = {}) {
  let delivery = aDelivery();
  const sent: Mail[] = [];
  const task = sendMail({
    now: () => new Date(),
    mailer: {
      send: async (mail) => {
        sent.push(mail);
        return outcome;
      },
      close() {},
    },
    deliveries: {
      byId: async () => delivery,
      update: async (_loaded: Delivery, decide: (current: Delivery) => Delivery) => {
        if (faults-- > 0) throw new Unavailable("dependency_unavailable", "database away", { retryAfterS: 1 });
        delivery = decide(delivery);
        return delivery;
      },
    },
  });
  return { task, sent, payload: { deliveryId: delivery.id }, current: () => delivery };
}

test("a database that is away for a moment after the server took the mail sends it only once", async () => {
  const { task, sent, payload, current } = rig({ faults: 2 });
  await task(payload, run);
  expect(sent).toHaveLength(1);
  expect(current().status).toBe("sent");
});

test("a database that is away for longer than the job may last is told by the next run, without another mail", async () => {
  const { task, sent, payload, current } = rig({ faults: 1 });
  await expect(task(payload, { ...run, signal: AbortSignal.abort() })).rejects.toThrow("database away");
  await task(payload, run);
  expect(sent).toHaveLength(1);
  expect(current().status).toBe("sent");
});

test("the last attempt that fails leaves a failed delivery", async () => {
  const { task, payload, current } = rig({ outcome: { kind: "failed", reason: "421 busy" } });
  await expect(task(payload, run)).rejects.toThrow("421 busy");
  expect(current()).toMatchObject({ status: "pending", attempts: 1 });
  await task(payload, { ...run, attempt: 25 }).catch(() => {});
  expect(current()).toMatchObject({ status: "failed", attempts: 2, lastError: "421 busy" });
});
