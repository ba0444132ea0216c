import { expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTestMailbox } from "@orderflow/tools/testing/test-mailbox";
import { readNotifyConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { aDelivery } from "./domain/a-delivery.ts";
import { announce } from "./repositories/deliveries.ts";
import { openWorker } from "./worker.ts";

const mails = 100;
const concurrency = 4;

test("a process killed in the middle of a bundle loses no mail, and doubles no more than were under way", async () => {
  const [database, mailbox] = await Promise.all([createTestDatabase({ service: "notify" }), createTestMailbox()]);
  const environment = {
    ...(await testEnvironment({ service: "notify", databaseUrl: database.url })),
    SMTP_URL: mailbox.url,
    JOB_CONCURRENCY: String(concurrency),
    HEALTH_PORT: "0",
  };
  const deliveries = Array.from({ length: mails }, () => aDelivery());
  await database.sql.begin((tx) => announce(tx, deliveries));
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/worker.ts`], { env: environment, stdout: "inherit" });
  await eventually(() => mailbox.mails.length >= mails / 4, { timeoutMs: 30_000, intervalMs: 1 });
  child.kill("SIGKILL");
  await child.exited;
  expect(mailbox.mails.length).toBeLessThan(mails);

  const context = await createContext(readNotifyConfig(environment));
  const door = await openWorker(context);
  const left = () => context.sql`select 1 from delivery where status <> 'sent' limit 1`;
  await eventually(async () => expect(await left()).toHaveLength(0), { timeoutMs: 25_000 });
  const copies = Map.groupBy(mailbox.mails, ({ messageId }) => messageId);
  expect(copies.size).toBe(mails);
  expect(mailbox.mails.length - mails).toBeLessThanOrEqual(concurrency);
  await door.close();
  await context.close();
  await mailbox.close();
  await database.drop();
}, 60_000);
