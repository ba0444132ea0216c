import { createMailStore } from "./mail-store.ts";
import { openMailboxHttp } from "./mailbox-http.ts";
import { openSmtpCatcher } from "./smtp-catcher.ts";

const store = createMailStore();
const http = openMailboxHttp(store, Number(process.env.MAILBOX_PORT ?? 3005));
const smtp = await openSmtpCatcher(store, Number(process.env.SMTP_PORT ?? 1025));
console.log(`catches mail on smtp://127.0.0.1:${smtp.port}, shows it on http://127.0.0.1:${http.port}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void Promise.all([smtp.close(), http.close()]).finally(() => process.exit(0)));
}
