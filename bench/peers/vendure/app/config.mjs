import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DefaultJobQueuePlugin, DefaultLogger, dummyPaymentHandler, LogLevel } from "@vendure/core";
import { EmailPlugin, FileBasedTemplateLoader, orderConfirmationHandler } from "@vendure/email-plugin";

const templates = join(dirname(fileURLToPath(import.meta.resolve("@vendure/email-plugin"))), "../templates");

const poolSize = 20;

/** What the server, the worker and the preparation share. */
export function vendureConfig({ port = 0, synchronize = false } = {}) {
  const database = new URL(process.env.DATABASE_URL);
  return {
    apiOptions: { hostname: "127.0.0.1", port, introspection: false, cors: false },
    authOptions: {
      tokenMethod: "bearer",
      requireVerification: false, // A registered customer may sign in at once.
      superadminCredentials: { identifier: "operator", password: randomUUID() }, // Well-known ones stop it in production.
    },
    dbConnectionOptions: {
      type: "postgres",
      host: database.hostname,
      port: Number(database.port),
      username: database.username,
      password: database.password,
      database: database.pathname.slice(1),
      poolSize,
      synchronize,
      migrations: [],
      logging: false,
    },
    logger: new DefaultLogger({ level: LogLevel.Warn }),
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    plugins: [
      // Each queue asks the database once per free slot and interval, also when it is idle: slots are not for free.
      DefaultJobQueuePlugin.init({
        useDatabaseForBuffer: true,
        concurrency: (queue) => (queue === "send-email" ? 5 : 1),
        pollInterval: (queue) => (queue === "send-email" ? 200 : 5000),
      }),
      EmailPlugin.init({
        handlers: [orderConfirmationHandler],
        templateLoader: new FileBasedTemplateLoader(templates),
        transport: {
          type: "smtp",
          host: "127.0.0.1",
          port: Number(process.env.SMTP_PORT),
          pool: true,
          ignoreTLS: true,
        },
        globalTemplateVars: { fromAddress: '"Shop" <noreply@example.com>' },
      }),
    ],
  };
}
