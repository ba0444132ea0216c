import { createMailStore, maxMails } from "./mail-store.ts";
import { openMailboxHttp } from "./mailbox-http.ts";
import { openSmtpCatcher } from "./smtp-catcher.ts";

const store = createMailStore(Number(process.env.MAILBOX_CAPACITY ?? maxMails));
const host = process.env.MAILBOX_HOST ?? "127.0.0.1";
const http = openMailboxHttp(store, Number(process.env.MAILBOX_PORT ?? 3005), host);
const smtp = await openSmtpCatcher(store, Number(process.env.SMTP_PORT ?? 1025), host);
console.log(`catches mail on smtp://${host}:${smtp.port}, shows it on http://${host}:${http.port}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void Promise.all([smtp.close(), http.close()]).finally(() => process.exit(0)));
}
